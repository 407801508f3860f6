import { mount } from 'svelte'
import './app.css'
import './lib/theme.svelte.ts'
import App from './App.svelte'
import { lang } from './lib/lang.svelte.ts'

/** ms before texts that could not be loaded are asked for again. */
const RETRY_AFTER_MS = 2_000

const begin = (): void => {
  lang.begin().then(
    () => mount(App, { target: document.getElementById('app')! }),
    () => setTimeout(begin, RETRY_AFTER_MS),
  )
}
begin()
