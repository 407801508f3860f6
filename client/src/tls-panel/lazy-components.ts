/** The parts of a round's page that a scene with TLS has. */
export { default as QuestionEvidence } from './QuestionEvidence.svelte'
export { default as TlsPanel } from './TlsPanel.svelte'
