/** The browser's own date field: known to its user, its keyboard and its screen reader, and no weight of ours. */
import { defineComponent, h } from 'vue'

export default defineComponent({
  props: { value: { type: String, required: true }, label: { type: String, required: true }, first: { type: String, required: true }, last: { type: String, required: true } },
  emits: ['pick'],
  setup: (props, { emit }) => {
    const picked = (event: Event): void => emit('pick', (event.target as HTMLInputElement).value)
    return () => h('input', { type: 'date', class: 'native-date', value: props.value, min: props.first, max: props.last, 'aria-label': props.label, onChange: picked })
  },
})
