import { noLeakOn } from './no-leak.ts'

noLeakOn('workerd')
