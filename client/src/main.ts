import { mount } from 'svelte'
import './app.css'
import './lib/theme.svelte.ts'
import App from './App.svelte'

mount(App, { target: document.getElementById('app')! })
