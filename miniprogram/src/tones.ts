/** The colour of a booking: amber waits for somebody, green is to be kept, red went wrong; what is over is grey. */
type Tone = 'green' | 'amber' | 'red' | 'grey'
const TONES: Record<string, Tone> = { held: 'amber', requested: 'amber', confirmed: 'green', checked_in: 'green', declined: 'red', no_show: 'red' }
export const bookingTone = (state: string): Tone => TONES[state] ?? 'grey'
