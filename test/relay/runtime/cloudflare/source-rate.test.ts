import { expect, it } from 'vitest'
import { createSourceRate } from '../../../../relay/runtime/cloudflare/source-rate.ts'

it('counts each network with the binding, and refuses no post', async () => {
  const counted: string[] = []
  const rate = createSourceRate({
    async limit({ key }) {
      counted.push(key)
      return { success: key !== '203.0.113.7' }
    },
  })

  expect(await rate('198.51.100.4')).toEqual({ kind: 'within' })
  expect(await rate('203.0.113.7')).toEqual({ kind: 'over' })
  expect(counted).toEqual(['198.51.100.4', '203.0.113.7'])
})

it('takes each post as it is while the binding fails', async () => {
  const rate = createSourceRate({ limit: () => Promise.reject(new Error('no answer')) })

  expect(await rate('203.0.113.7')).toEqual({ kind: 'within' })
})
