/** The parts of a round's page that are loaded once it stands. */
export { default as Hints } from './Hints.svelte'
export { default as Keys } from './Keys.svelte'
export { default as Question } from './Question.svelte'
export { default as SceneNote } from './SceneNote.svelte'
export { default as Strangers } from './Strangers.svelte'
export { default as Summary } from './Summary.svelte'
export { default as Trace } from './Trace.svelte'
export { default as Verdict } from './Verdict.svelte'
