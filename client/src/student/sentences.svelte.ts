/** The sentences of findings, loaded when the first one is to be told. */
type Sentences = Pick<typeof import('../lib/findings.ts'), 'said' | 'why'>

let loaded: Sentences | null = $state.raw(null)
let loading = false

/** Null until they are there; asked again, they are loaded again if that failed. */
export function sentences(): Sentences | null {
  if (!loaded && !loading) {
    loading = true
    import('../lib/findings.ts').then(
      ({ said, why }) => (loaded = { said, why }),
      () => (loading = false),
    )
  }
  return loaded
}
