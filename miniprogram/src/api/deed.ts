/** Something a person does once. However often it is tapped or sent again, the server sees one key and does it once. */
import { ref, type Ref } from 'vue'
import { freshKey, request, type Endpoint, type Input, type Reply } from './client'
import { leavesDoubt } from './errors'

export interface Deed<K extends Endpoint> {
  busy: Ref<boolean>
  /** The nonce under which subscriptions are reported; lives as long as the key. */
  nonce(): string
  run(input: Input<K>): Promise<Reply<K>>
}

/**
 * The key is made when the deed is first wanted and kept until an answer settles it. A tap while one is under way gets
 * that one's answer; changed contents are a new deed.
 */
export function useDeed<K extends Endpoint>(endpoint: K): Deed<K> {
  const busy = ref(false)
  let key = freshKey()
  let contents = ''
  let underWay: Promise<Reply<K>> | null = null

  async function attempt(input: Input<K>): Promise<Reply<K>> {
    try {
      const send = request as (endpoint: K, input: Input<K>, options: { key: string }) => Promise<Reply<K>>
      const reply = await send(endpoint, input, { key })
      key = freshKey()
      return reply
    } catch (problem) {
      if (!leavesDoubt(problem)) key = freshKey()
      throw problem
    }
  }

  function run(input: Input<K>): Promise<Reply<K>> {
    if (underWay) return underWay
    const now = JSON.stringify(input)
    if (contents && contents !== now) key = freshKey()
    contents = now
    busy.value = true
    underWay = attempt(input).finally(() => {
      busy.value = false
      underWay = null
    })
    return underWay
  }

  return { busy, nonce: () => key, run }
}
