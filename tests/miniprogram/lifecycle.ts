/** Stands in for uni-app's page events: what a page registers is kept, and a test lets it happen. */
import { beforeEach } from 'vitest'

type Listener = (value?: unknown) => unknown
const listeners: Record<string, Listener[]> = {}

beforeEach(() => {
  for (const name of Object.keys(listeners)) delete listeners[name]
})

const registers = (name: string) => (listener: Listener): void => {
  ;(listeners[name] ??= []).push(listener)
}

export const onLaunch = registers('launch')
export const onLoad = registers('load')
export const onShow = registers('show')
export const onHide = registers('hide')
export const onUnload = registers('unload')
export const onPullDownRefresh = registers('refresh')
export const onReachBottom = registers('bottom')

export async function happen(name: string, value?: unknown): Promise<void> {
  for (const listener of listeners[name] ?? []) await listener(value)
}
