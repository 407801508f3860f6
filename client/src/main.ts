import { mount } from 'svelte'
import './app.css'
import './lib/theme.svelte.ts'
import App from './App.svelte'
import { lang } from './lib/lang.svelte.ts'

/** Real ms before the page is reloaded after its texts failed to load. */
const RELOAD_AFTER_MS = 2_000

lang.begin().then(
  () => mount(App, { target: document.getElementById('app')! }),
  // Repeating the `import` would not help: browsers from before 2026 cache the failure of a module.
  () => setTimeout(() => location.reload(), RELOAD_AFTER_MS),
)
