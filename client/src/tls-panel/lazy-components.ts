/** The components of a round's page that only scenes with TLS need. */
export { default as QuestionEvidence } from './QuestionEvidence.svelte'
export { default as TlsPanel } from './TlsPanel.svelte'
export { default as SceneReports } from './SceneReports.svelte'
