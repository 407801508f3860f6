import { mount } from 'svelte'
import './app.css'
import './lib/theme.svelte.ts'
import App from './App.svelte'
import { lang } from './lib/lang.svelte.ts'

/** Real ms before the texts are requested again after they failed to load. */
const RETRY_AFTER_MS = 2_000

const begin = (): void => {
  lang.begin().then(
    () => mount(App, { target: document.getElementById('app')! }),
    () => setTimeout(begin, RETRY_AFTER_MS),
  )
}
begin()
