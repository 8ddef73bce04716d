// Written from the agreed shapes; replaced by `npm run schema` as soon as the server describes itself.
/* eslint-disable */

export interface Page<T> { items: T[]; next: string | null }
export interface ConfigOut { sandbox_origin: string | null; public_url: string }
export interface Consent { version: string; given_at: string }
export interface PersonOut { id: string; name: string; document_kind: string; document: string; birth_date?: string | null; is_elder: boolean }
export interface EnterpriseOut { id: string; name: string; uscc: string; role: string }
export interface RepresentedOut { mandate_id: string; person_id: string; name: string; relation: string; until: string | null }
export interface SessionOut { id: string; device: string; last_seen: string; current: boolean }
export interface MeOut {
  account_id: string; phone: string | null; consent: Consent | null; privacy_version: string; person: PersonOut | null
  enterprises: EnterpriseOut[]; represents: RepresentedOut[]; sessions: SessionOut[]; locale: string; elder_mode: boolean
}
export interface LoginOut { token: string; me: MeOut }
export interface PrivacyOut { version: string; title: string; paragraphs: string[] }
export interface ItemCard {
  id: string; code: string; name: string; department: string; visits: number | null; promise_days: number | null; handling: string | null
  online: boolean; bookable: boolean; tags: string[]; sample: boolean; highlights: number[][]
}
export interface SuggestOut { items: { id: string; name: string; highlights: number[][] }[]; words: string[] }
export interface ThemeOut { key: string; name: string; audience: string; icon: string; count: number }
export interface HallOut {
  id: string; key: string; name: string; kind: string; address: string; phone: string | null; hours_text: string; region_code: string
  latitude: number | null; longitude: number | null; busy?: string | null
}
export interface Condition { field: string; equals: string }
export interface MaterialRule {
  key: string; name: string; kind: string; source: string; need: 'required' | 'optional' | 'deficiency'; medium: 'electronic' | 'paper' | 'either'
  originals: number; copies: number; exempt: string | null; certificate_type: string | null; standards: string[]; note: string | null; when: Condition | null
}
export interface FormField {
  key: string; label: string
  type: 'text' | 'long_text' | 'number' | 'date' | 'choice' | 'address' | 'phone' | 'document_number' | 'name'
  required: boolean; max_length: number | null; choices: { value: string; label: string }[]; hint: string | null; prefill: string | null; when: Condition | null
}
export interface GuideContent {
  sample: boolean; plain: string; audience: string[]; themes: string[]; handling: 'instant' | 'promised'; visits: number; visit_reason: string | null
  online: boolean; bookable: boolean; mail: boolean; legal_days: number; promise_days: number; conditions: string[]
  steps: { key: string; name: string; who: string; days: number; what: string }[]; materials: MaterialRule[]; form: FormField[]
  fees: { name: string; amount_fen: number; unit: string; basis: string; when_text: string | null }[]
  basis: { law: string; article: string; text: string }[]
  result: { name: string; kind: string; certificate_type: string | null; validity_months: number | null }
  skill: string; hall_keys: string[]; consult_phone: string; complaint_phone: string; hours_text: string; faqs: { question: string; answer: string }[]
}
export interface GuideScreen {
  item: ItemCard; guide_id: string; version: number; department: string; content: GuideContent; halls: HallOut[]
  templates: { book: string[]; apply: string[] }; live: { thread_id: string; booking_id: string | null; case_id: string | null } | null; can: string[]
}
export interface SlotOut { id: string; starts_at: string; ends_at: string; free: number; full: boolean }
export interface DayOut { date: string; open: boolean; free: number; slots: SlotOut[] }
export interface AvailabilityOut { hall_id: string; item_id: string; days: DayOut[] }
export interface Subscriptions { nonce: string; results: { template_id: string; outcome: string }[] }
export interface HallRef { id: string; name: string; address: string; phone: string; hours_text: string; latitude: number | null; longitude: number | null }
export interface BookingOut {
  id: string; thread_id: string; number: string; item: { id: string; name: string }; hall: HallRef; person: string; starts_at: string; ends_at: string
  state: string; state_text: string; code: string | null; declined_reason: string | null; bring: { key: string; name: string; ticked: boolean }[]
  can: string[]; cancel_until: string; ask: string[]
}
export interface TicketOut {
  id: string; number: string; state: string; state_text: string; ahead: number; hall: { id: string; name: string }; window: string | null; thread_id: string; version: number
}
export interface FileOut { id: string; name: string; media_type: string; size: number; url: string; thumb_url: string | null; created_at: string }
export interface MaterialOut { key: string; name: string; need: string; exempt: string | null; source: string | null; files: FileOut[]; refused_reason: string | null }
export interface DeliveryIn { method: 'counter' | 'post' | 'none'; hall_id?: string | null; address?: string | null }
export interface CaseOut {
  id: string; thread_id: string; number: string; item: { id: string; name: string }; guide_id: string; guide_version: number
  content: { form: FormField[]; materials: MaterialRule[] }; state: string; state_text: string; form: Record<string, string>; prefilled: string[]
  person: string; enterprise: string | null; materials: MaterialOut[]; version: number; told: string[]; delivery: DeliveryIn | null; delivery_methods: string[]
  correction: { lines: { key: string; reason: string }[]; asked_at: string } | null
  decision: { granted: boolean; reason: string | null; remedies: string | null; decided_at: string } | null; promise_on: string | null; can: string[]; ask: string[]
}
export interface DeliveryOut {
  id: string; method: string; state: string; state_text: string; hall: { id: string; name: string; address: string; phone: string | null; hours_text: string }; pickup_code: string | null
  shelf: string | null; ready_at: string | null; collected_at: string | null
}
export interface CertificateCard { id: string; type_key: string; type: string; number_masked: string; holder: string; issuer: string; valid_from: string; valid_until: string | null; state: string; state_text: string; colour: string; sample: boolean; thread_id: string }
export interface CertificateOut { card: CertificateCard; number: string; fields: { label: string; value: string }[]; scans: { at: string; who: string; result: string }[]; can: string[] }
export interface PresentationOut { token: string; url: string; expires_at: string; refresh_seconds: number }
export interface StepOut { at: string; name: string; text: string; detail: string | null; done: boolean }
export interface ThreadCard {
  id: string; number: string; title: string; state: string; status: string | null; status_text: string; updated_at: string; person: string; next: { text: string; page: string } | null
}
export interface ThreadScreen {
  id: string; number: string; title: string; state: string; steps: StepOut[]
  clock: { promise_on: string; law_on: string; days_left: number | null; light: string } | null
  booking: BookingOut | null; ticket: TicketOut | null; case: CaseOut | null; certificates: CertificateCard[]; delivery: DeliveryOut | null
  rating: { token: string | null; given: boolean }; notices: { id: string; number: string; kind: string; title: string; url: string }[]; ask: string[]
}
export interface TrackOut { number: string; title: string; steps: StepOut[] }
export interface InboxRow { id: string; kind: string; title: string; body: string; page: string; thread_id: string | null; at: string; read: boolean; delivery: string }
export interface FormOut { title: string; subject: string; subject_text: string; department: string; levels: { level: string; stars: number; text: string; tags: { code: string; text: string; shown: boolean }[] }[]; given: string | null; longest_words: number }
export interface RatingOut { id: string; level: string; rectification: { due_on: string } | null }
export interface CheckOut { result: string; result_text: string; type: string | null; holder: string | null; number_masked: string | null; issuer: string | null; valid_until: string | null; fields: { label: string; value: string }[]; sample: boolean; checked_at: string; host: string }
export interface NoticeCheck { number: string; kind: string; title: string; item: string; issued_at: string }
export interface HallPlace { id: string; name: string; address: string }
export interface CodeOut { kind: string; page: string | null; certificate?: CheckOut | null; notice?: NoticeCheck | null; hall?: HallPlace | null }

export interface HomeScreen { threads: ThreadCard[]; booking: BookingOut | null; themes: ThemeOut[]; popular: ItemCard[]; unread: number; hotline: string; area: string }

export interface ClerkOut { id: string; phone: string; name: string | null; state: 'waiting' | 'active'; since: string }
export interface ClerksOut { items: ClerkOut[] }
export interface MandateOut { id: string; person_id: string; name: string; relation: string; until: string }

export interface Endpoints {
  'DELETE /enterprises/{enterprise_id}/clerks/{clerk_id}': { params: { enterprise_id: string; clerk_id: string }; reply: null }
  'DELETE /mandates/{mandate_id}': { params: { mandate_id: string }; reply: null }
  'DELETE /me/sessions/{session_id}': { params: { session_id: string }; reply: null }
  'GET /availability': { query: { item_id: string; hall_id: string; from?: string; days?: number }; reply: AvailabilityOut }
  'GET /bookings': { query?: { state?: string; cursor?: string; limit?: number }; reply: Page<BookingOut> }
  'GET /bookings/{booking_id}': { params: { booking_id: string }; reply: BookingOut }
  'GET /cases/{case_id}': { params: { case_id: string }; reply: CaseOut }
  'GET /certificates': { reply: CertificateCard[] }
  'GET /certificates/{certificate_id}': { params: { certificate_id: string }; reply: CertificateOut }
  'GET /codes/{token}': { params: { token: string }; reply: CodeOut }
  'GET /config': { reply: ConfigOut }
  'GET /enterprises/{enterprise_id}/clerks': { params: { enterprise_id: string }; reply: ClerksOut }
  'GET /home': { reply: HomeScreen }
  'GET /inbox': { query?: { cursor?: string; limit?: number }; reply: Page<InboxRow> }
  'GET /inbox/unread': { reply: { count: number } }
  'GET /items': { query?: { q?: string; audience?: string; theme?: string; department_id?: string; cursor?: string; limit?: number }; reply: Page<ItemCard> }
  'GET /items/suggest': { query: { q: string }; reply: SuggestOut }
  'GET /items/{item_id}': { params: { item_id: string }; reply: GuideScreen }
  'GET /me': { reply: MeOut }
  'GET /me/access-log': { query?: { cursor?: string; limit?: number }; reply: Page<{ at: string; who: string; what: string; thread_number: string | null }> }
  'GET /privacy': { reply: PrivacyOut }
  'GET /ratings/form': { query: { token: string }; reply: FormOut }
  'GET /themes': { reply: ThemeOut[] }
  'GET /threads': { query?: { cursor?: string; state?: string; limit?: number }; reply: Page<ThreadCard> }
  'GET /threads/{thread_id}': { params: { thread_id: string }; reply: ThreadScreen }
  'GET /tickets/{ticket_id}': { params: { ticket_id: string }; query?: { version?: number; wait?: number }; reply: TicketOut }
  'GET /track': { query: { number: string; phone_tail: string }; reply: TrackOut }
  'POST /bookings': { body: { item_id: string; slot_id: string; for_person_id?: string | null; enterprise_id?: string | null; ticked?: string[]; subscriptions?: Subscriptions | null }; reply: BookingOut }
  'POST /bookings/{booking_id}/cancel': { params: { booking_id: string }; reply: BookingOut }
  'POST /bookings/{booking_id}/reschedule': { params: { booking_id: string }; body: { slot_id: string }; reply: BookingOut }
  'POST /cases': { body: { item_id: string; for_person_id?: string | null; enterprise_id?: string | null }; reply: CaseOut }
  'POST /cases/{case_id}/submit': { params: { case_id: string }; body: { form: Record<string, string>; materials: { key: string; file_id: string }[]; version: number; delivery: DeliveryIn; subscriptions?: Subscriptions | null }; reply: CaseOut }
  'POST /cases/{case_id}/withdraw': { params: { case_id: string }; reply: CaseOut }
  'POST /certificates/{certificate_id}/presentations': { params: { certificate_id: string }; reply: PresentationOut }
  'POST /certificates/checks': { body: { token: string }; reply: CheckOut }
  'POST /check-ins': { body: { token: string }; reply: TicketOut }
  'POST /enterprises': { body: { uscc: string; name: string }; reply: EnterpriseOut }
  'POST /enterprises/{enterprise_id}/clerks': { params: { enterprise_id: string }; body: { phone: string }; reply: ClerkOut }
  'POST /files': { body: unknown; reply: FileOut }
  'POST /inbox/read-all': { reply: null }
  'POST /inbox/{message_id}/read': { params: { message_id: string }; reply: null }
  'POST /login/code': { body: { phone: string }; reply: null }
  'POST /login/phone': { body: { phone: string; code: string; consent?: string | null }; reply: LoginOut }
  'POST /login/wechat': { body: { code: string }; reply: LoginOut }
  'POST /logout': { reply: null }
  'POST /mandates': { body: { relation: 'guardian'; name: string; number: string }; reply: MandateOut }
  'POST /me/consent': { body: { version: string }; reply: MeOut }
  'POST /me/phone': { body: { code: string }; reply: MeOut }
  'POST /me/real-name': { body: { document_kind: string; name: string; number: string }; reply: MeOut }
  'POST /ratings': { body: { token: string; level: string; tags: string[]; words: string }; reply: RatingOut }
  'PUT /cases/{case_id}/draft': { params: { case_id: string }; body: { form: Record<string, string>; materials: { key: string; file_id: string }[]; version: number }; reply: CaseOut }
  'PUT /me/preferences': { body: { locale?: string; elder_mode?: boolean }; reply: MeOut }
}
