/** Sets the language of the pages' texts to English for all tests. A test may switch it. */
import '../../client/src/generated/areas.ts'
import { switchLang } from '../../client/src/texts/texts.svelte.ts'

await switchLang('en')
