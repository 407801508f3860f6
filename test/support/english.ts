/** Tests hear the pages' texts in English, unless they switch. */
import '../../client/src/generated/areas.ts'
import { switchLang } from '../../client/src/texts/texts.svelte.ts'

await switchLang('en')
