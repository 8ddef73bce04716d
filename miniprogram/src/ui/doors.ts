import type { IconName } from './icons'

export interface Door {
  icon: IconName
  text: string
  open: () => void
}
