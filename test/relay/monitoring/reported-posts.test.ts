import { expect, it } from 'vitest'
import { createFindings } from '../../../relay/monitoring/findings.ts'
import { createRefusals } from '../../../relay/monitoring/refusals.ts'
import { countReport, createPostReports } from '../../../relay/monitoring/reported-posts.ts'

const ACME = 'https://www.acme.example'

function counters() {
  const common = { now: () => 3_600_000, log: () => {} }
  return { refusals: createRefusals({ isForm: () => true, ...common }), findings: createFindings(common) }
}

it('posts of two processes count together for the issues of the place that counts, and each counts once', () => {
  const { refusals, findings } = counters()
  for (const _ of ['one process', 'another']) {
    const reports = createPostReports()
    for (let n = 0; n < 5; n += 1) {
      reports.add({ kind: 'refused', refusal: { form: 'contact', code: 'origin', origin: ACME } })
      reports.add({ kind: 'found', form: 'contact', rules: [{ rule: 'links', action: 'hold' }] })
    }
    reports.add({ kind: 'accepted', form: 'contact' })
    reports.add({ kind: 'passed', form: 'contact' })

    countReport(reports.take(), refusals, findings)
    countReport(reports.take(), refusals, findings)
  }

  expect(refusals.issues()).toMatchObject([{ kind: 'turned-away', count: 10 }])
  expect(findings.issues()).toMatchObject([{ kind: 'withheld', count: 10 }])
})

it('a report has no message to a visitor, and a bounded number of entries', () => {
  const reports = createPostReports()
  const errors = [{ field: 'Email', code: 'format' as const, message: 'not an address: ana@acme' }]
  for (let n = 0; n < 600; n += 1) {
    reports.add({ kind: 'refused', refusal: { form: `form-${n}`, code: 'fields', errors } })
  }

  const taken = reports.take()

  expect(taken).toHaveLength(500)
  expect(JSON.stringify(taken)).not.toContain('ana@acme')
})
