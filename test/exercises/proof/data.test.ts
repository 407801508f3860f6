import { proves } from '../../support/proof.ts'

proves('data')
