import { proves } from '../../support/proof.ts'

proves(1)
