/** The components of a round's page that only scenes with TLS need. */
export { default as QuestionEvidence } from './QuestionEvidence.svelte'
export { default as TlsComposer } from './TlsComposer.svelte'
export { default as TlsMessages } from './TlsMessages.svelte'
export { default as SceneReports } from './SceneReports.svelte'
