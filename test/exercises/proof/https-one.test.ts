import { proves } from '../../support/proof.ts'

proves('https', 0)
