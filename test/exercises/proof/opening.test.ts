import { proves } from '../../support/proof.ts'

proves('opening')
