import { expect, it } from 'vitest'
import { People } from '../../../../demo/simulator/people/people.ts'
import { COOKIE, TOKEN } from '../simulator-client.ts'

const cookie = { value: COOKIE, token: TOKEN }

it('People.takeChanged returns a changed person once, and no visitor that was merged', () => {
  const people = new People()
  people.assignCookie(people.add(0), cookie)
  const known = people.add(1)
  known.known = true

  people.assignCookie(known, cookie)
  const [first, second] = [people.takeChanged(), people.takeChanged()]

  expect(first).toEqual([known])
  expect(second).toEqual([])
})

it('People.findByEmail finds nobody by an address that was removed', () => {
  const people = new People()
  const person = people.add(0)
  people.setEmail(person, 'old@acme.example')

  people.setEmail(person, '')

  expect(people.findByEmail('old@acme.example')).toEqual([])
  expect(people.findByEmail('')).toEqual([])
})
