import { mount } from 'svelte'
import './app.css'
import './lib/theme.svelte.ts'
import App from './App.svelte'
import { lang } from './lib/lang.svelte.ts'

/** Real ms before a page whose texts failed to load is reloaded. */
const RELOAD_AFTER_MS = 2_000

lang.begin().then(
  () => mount(App, { target: document.getElementById('app')! }),
  // A second `import` would not help: browsers from before 2026 cache a failed one.
  () => setTimeout(() => location.reload(), RELOAD_AFTER_MS),
)
