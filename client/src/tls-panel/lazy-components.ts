/** The parts of a round's page that a scene with TLS has. */
export { default as Asked } from './QuestionEvidence.svelte'
export { default as Seat } from './TlsPanel.svelte'
