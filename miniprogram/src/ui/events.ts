/** uni-app's inputs and pickers say what was given in `detail.value`, whatever the type of the event claims. */
export const given = (event: Event): string => (event as unknown as { detail: { value: string } }).detail.value
