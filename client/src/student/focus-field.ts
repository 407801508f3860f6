/** Puts the focus on a field of the panel by its element id: in a group on what is chosen in it, or on its first control. */
export function focusField(id: string): void {
  const element = document.getElementById(id)
  const target =
    element instanceof HTMLFieldSetElement
      ? (element.querySelector<HTMLElement>(':checked') ?? element.querySelector('input'))
      : element instanceof HTMLDivElement
        ? element.querySelector('button')
        : element
  target?.focus()
  if (target instanceof HTMLInputElement && target.type !== 'radio') target.select()
}
