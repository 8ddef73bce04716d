/** A call for help: an agent sees which page one is on and what is told there, never what was written. */
import { shallowRef, type Ref, type ShallowRef } from 'vue'
import { useDeed } from '@/api/deed'
import type { HelpOut } from '@/api/schema'
import { explain } from '@/mend'

export interface Here {
  step: 'form' | 'papers' | 'confirm'
  /** What is told on the page: codes by place. */
  faults: Record<string, string>
}

export interface Help {
  call: ShallowRef<HelpOut | null>
  busy: Ref<boolean>
  ask(id: string, here: Here): Promise<void>
  end(id: string): Promise<void>
}

export function useHelp(): Help {
  const call = shallowRef<HelpOut | null>(null)
  const deed = useDeed('POST /cases/{case_id}/help')
  const ending = useDeed('DELETE /cases/{case_id}/help')

  async function ask(id: string, here: Here): Promise<void> {
    try {
      call.value = await deed.run({ params: { case_id: id }, body: here })
    } catch (problem) {
      // What is under way goes on without help; only the first call is worth a word.
      if (!call.value) explain(problem)
    }
  }

  async function end(id: string): Promise<void> {
    try {
      await ending.run({ params: { case_id: id } })
      call.value = null
    } catch (problem) {
      explain(problem)
    }
  }

  return { call, busy: deed.busy, ask, end }
}
