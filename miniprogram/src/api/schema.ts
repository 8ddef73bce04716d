// GENERATED from the server by `npm run schema`. Never edited by hand.

export interface AddressIn {
  city: string
  county: string
  name: string
  phone: string
  province: string
  street: string
  usual?: boolean
}

export interface AddressOut {
  city: string
  county: string
  id: string
  name: string
  phone: string
  province: string
  street: string
  usual: boolean
}

export interface AddressesOut {
  items: AddressOut[]
  provinces: string[]
}

export interface Ages {
  at_least: number | null
  below: number | null
}

export interface AnswerOut {
  answer: string | null
  answered_at: string | null
  due_on: string
  judge_until: string | null
  may_reopen: boolean
  satisfied: boolean | null
  state: string
}

export interface AppealIn {
  reason: string
}

export interface ArrivalOut {
  ask: string[]
  astray: AstrayOut[]
  at_door: boolean
  closed: string | null
  expected: ExpectedOut[]
  green_age: number
  hall: QueueHallRef
  hours_text: string
  items: MatterOut[]
  kinds: KindOut[]
  known: boolean
  tickets: TicketOut[]
}

export interface AstrayOut {
  booking_id: string
  hall: string
  item: string
  starts_at: string
  why: "other_hall" | "unanswered"
}

export interface AvailabilityOut {
  cancel_minutes: number
  days: DayOut[]
  hall_id: string
  item_id: string
  next: string | null
}

export interface AvailabilityQuery {
  days: number
  from: string | null
  hall_id: string
  item_id: string
}

export interface BoardOut {
  at: string
  calls: CallOut[]
  hall: QueueHallRef
  kinds: KindOut[]
  version: number
  waiting: number
}

export interface BookIn {
  enterprise_id?: string | null
  for_person_id?: string | null
  hold?: boolean
  item_id: string
  slot_id: string
  subscriptions?: Subscriptions | null
  ticked?: string[]
}

export interface BookingOut {
  appeal: string | null
  ask: string[]
  bring: BringOut[]
  can: string[]
  cancel_until: string
  code: string | null
  declined_reason: string | null
  ends_at: string
  enterprise: string | null
  hall: BookingHallRef
  hold_until: string | null
  id: string
  instead: string | null
  item: BookingItemRef
  number: string
  offer: string | null
  person: string
  starts_at: string
  state: string
  state_text: string
  thread_id: string
}

export interface BookingsQuery {
  cursor: string | null
  limit: number
  state: string
}

export interface BringOut {
  key: string
  name: string
  required: boolean
  ticked: boolean
}

export interface CallOut {
  called_at: string
  calls: number
  number: string
  until: string | null
  window: string
}

export interface CancelledProof {
  instead: string
  name: string
  why: "certificate" | "commitment" | "no_basis" | "shared"
}

export interface Carried {
  by: "inbox" | "service" | "sms" | "wechat"
  kind: string
  title: string
  why: PushReason | null
}

export interface CaseContent {
  ages: Ages | null
  form: FormField[]
  materials: MaterialRule[]
  parts: Part[]
}

export interface CaseOut {
  age: number | null
  ask: string[]
  barred_until: string | null
  can: string[]
  content: CaseContent
  correction: Correction | null
  decision: Decision | null
  delivery: DeliveryWish | null
  delivery_methods: string[]
  enterprise: string | null
  following: Following | null
  form: Record<string, string>
  guide_id: string
  guide_version: number
  id: string
  item: SchemasItemRef
  known: Record<string, Source>
  materials: MaterialOut[]
  number: string
  originals: Originals | null
  parts: PartOut[]
  person: string
  pledges: PledgeOut[]
  prefilled: string[]
  promise_on: string | null
  reports: ReportAnswer[]
  ruling: RulingOut | null
  saved_at: string
  saved_by: string | null
  state: string
  state_text: string
  thread_id: string
  told: string[]
  version: number
  whole: WholeOut | null
}

export interface CertificateCard {
  basis: string | null
  changed_at: string | null
  colour: string
  holder: string
  id: string
  issuer: string
  number_masked: string
  sample: boolean
  state: string
  state_text: string
  thread_id: string
  type: string
  type_key: string
  valid_from: string
  valid_until: string | null
  whose: "enterprise" | "family" | "own"
}

export interface CertificateOut {
  can: string[]
  card: CertificateCard
  consents: ConsentView[]
  fields: FieldValue[]
  number: string
  printed_until: string | null
  scans: ScanOut[]
}

export type Channel = "service" | "sms" | "wechat"

export interface CheckIn {
  token: string
}

export interface CheckInIn {
  green?: Green | null
  subscriptions?: Subscriptions | null
  token: string
}

export interface CheckOut {
  check_id: string | null
  checked_at: string
  fields: FieldValue[]
  holder: string | null
  host: string
  issuer: string | null
  number_masked: string | null
  result: "altered" | "broken" | "code_expired" | "cut" | "expired" | "forged" | "future" | "key_lost" | "other_device" | "reused" | "revoked" | "stale_list" | "superseded" | "suspended" | "unknown" | "unknown_key" | "unsure" | "valid" | "wrong_type"
  result_text: string
  sample: boolean
  type: string | null
  valid_until: string | null
}

export interface Choice {
  ages: Ages | null
  label: string
  value: string
}

export interface ChoiceOut {
  addresses: AddressOut[]
  banks: HallView[]
  changeable: boolean
  halls: HallView[]
  methods: string[]
  number: string
  several: boolean
  title: string
  wish: DeliveryWish
}

export interface ClerkIn {
  phone: string
}

export interface ClerkOut {
  id: string
  name: string | null
  phone: string
  since: string
  state: "active" | "waiting"
}

export interface ClerksOut {
  items: ClerkOut[]
}

export interface ClockOut {
  days_left: number | null
  law_on: string
  light: string
  promise_on: string
}

export interface CodeOut {
  kind: string
  notice: NoticeCheck | null
  page: string | null
}

export interface Column {
  choices: Choice[]
  key: string
  label: string
  max_length: number | null
  not_after: "today" | null
  not_before: "today" | null
  required: boolean
  type: "address" | "choice" | "date" | "document_number" | "long_text" | "name" | "number" | "phone" | "text"
}

export interface Coming {
  effective_on: string
  reason: string
}

export interface CommitIn {
  agreed: boolean
  commitment_id: string
  version: string
}

export interface CommitmentOut {
  id: string
  lines: string[]
  sign_by: string
  signed_at: string | null
  version: string
}

export interface ComplaintIn {
  hall_id?: string | null
  item_id?: string | null
  kind: Kind
  nameless?: boolean
  page?: string
  reason?: ComplaintsReason | null
  thread_id?: string | null
  words: string
}

export interface ComplaintJudgeIn {
  satisfied: boolean
  token: string
  words?: string
}

export interface ComplaintLine {
  begun: string
  kind_text: string
  number: string
  open: boolean
  state_text: string
  title: string
  token: string
  written_at: string
}

export interface ComplaintOut {
  answer: string | null
  answered_at: string | null
  can: string[]
  due_on: string | null
  judge_until: string | null
  kind: Kind
  kind_text: string
  late: boolean
  may_reopen: boolean
  number: string
  office: string | null
  pictures: string[]
  pictures_left: number
  satisfied: boolean | null
  state: State
  state_text: string
  steps: ComplaintStep[]
  title: string
  token: string
  words: string
  written_at: string
}

export interface ComplaintQuery {
  token: string
}

export interface ComplaintRef {
  token: string
}

export interface ComplaintStep {
  at: string
  text: string
  words: string | null
}

export interface Condition {
  equals: string
  field: string
}

export interface ConfigOut {
  env: string
  locales: string[]
  privacy_version: string
  region: string
  region_code: string
  sandbox_origin: string | null
}

export interface ConsentAnswerIn {
  agree: boolean
}

export interface ConsentAskIn {
  check_id: string
  enterprise_id: string
  purpose: string
}

export interface ConsentFields {
  consent: ConsentView
  fields: FieldValue[]
  number: string
}

export interface ConsentIn {
  version: string
}

export interface ConsentOut {
  given_at: string
  version: string
}

export interface ConsentView {
  answered_at: string | null
  asked_at: string
  can: string[]
  enterprise: string
  holder: string
  id: string
  labels: string[]
  mine: boolean
  number_masked: string
  purpose: string
  read_at: string | null
  state: "asked" | "given" | "lapsed" | "read" | "refused"
  state_text: string
  type: string
  until: string | null
}

export interface Correction {
  asked_at: string
  due_on: string | null
  lines: CorrectionLine[]
}

export interface CorrectionLine {
  key: string
  reason: string
}

export interface CrowdOut {
  enough: boolean
  hall_id: string
  level: string
  quiet: QuietOut[]
  wait: WaitOut | null
  waiting: number
}

export interface DayOut {
  date: string
  free: number
  open: boolean
  slots: SlotOut[]
}

export interface Decision {
  decided_at: string
  granted: boolean
  reason: string | null
  remedies: string | null
}

export interface DeliveryIn {
  address_id?: string | null
  hall_id?: string | null
  method: "counter" | "locker" | "none" | "post"
  together?: boolean
}

export interface DeliveryOut {
  address: Postal | null
  carrier: string | null
  changeable: boolean
  collected_at: string | null
  hall: DeliveryHallRef
  id: string
  method: string
  pickup_code: string | null
  ready_at: string | null
  shelf: string | null
  state: string
  state_text: string
  to_sign: boolean
  track: ParcelStep[]
  waybill: string | null
}

export interface DeliveryWish {
  address: Postal | null
  address_id: string | null
  hall_id: string | null
  method: "counter" | "locker" | "none" | "post"
  together: boolean
}

export interface DepartmentView {
  id: string
  key: string
  name: string
  phone: string | null
  region_code: string
  sample: boolean
  uscc: string | null
}

export interface DraftIn {
  form: Record<string, string>
  materials: MaterialIn[]
  pledges?: string[]
  references?: ReferenceIn[]
  version: number
}

export interface EarlierOut {
  item: string | null
  number: string | null
  on: string
}

export interface EnterpriseIn {
  name: string
  uscc: string
}

export interface EnterpriseOut {
  id: string
  name: string
  role: string
  uscc: string
}

export interface ErasureOut {
  at: string
  reason: string | null
  state: string
}

export interface ExpectedOut {
  booking_id: string
  item: string
  open: boolean
  opens_at: string
  starts_at: string
}

export interface Faq {
  answer: string
  question: string
}

export interface Fee {
  amount_fen: number
  basis: string
  name: string
  unit: string
  when_text: string | null
}

export interface Field {
  code: string
  path: string
  text: string
}

export interface FieldValue {
  label: string
  value: string
}

export interface FiguresOut {
  average: number | null
  bad: number | null
  excluded: number
  fewest: number
  looked_into: number
  number: number
  told: number
}

export interface FiguresQuery {
  item_id: string | null
}

export interface FileOut {
  created_at: string
  height: number | null
  id: string
  media_type: string
  name: string
  size: number
  thumb_url: string | null
  url: string
  width: number | null
}

export interface Following {
  commitment: CommitmentOut | null
  due_on: string
  lines: FollowingLine[]
  state: "done" | "late" | "offered" | "open"
}

export interface FollowingLine {
  key: string
  name: string
  reason: string | null
  state: "awaited" | "received" | "returned" | "sent"
  unsent: FileOut[]
}

export interface FormField {
  choices: Choice[]
  columns: Column[]
  example: string | null
  hint: string | null
  key: string
  label: string
  max_length: number | null
  not_after: "today" | null
  not_before: "today" | null
  prefill: "company.address" | "company.name" | "company.scope" | "enterprise.address" | "enterprise.floor_area" | "enterprise.name" | "enterprise.uscc" | "person.bank" | "person.bank_account" | "person.birth_date" | "person.domicile" | "person.home" | "person.name" | "person.number" | "person.phone" | "property.area" | "property.location" | null
  required: boolean
  rows: number | null
  stands_for: string[]
  type: "address" | "choice" | "date" | "document_number" | "long_text" | "name" | "number" | "person" | "phone" | "table" | "text"
  when: Condition | null
}

export interface FormOut {
  change_until: string | null
  department: string
  enterprise: string | null
  given: Level | null
  levels: LevelOut[]
  longest_words: number
  pictures: number
  rated: boolean
  rectification: AnswerOut | null
  secret: string | null
  subject: string
  subject_text: string
  title: string
}

export type Green = "disabled" | "elder" | "pregnant" | "veteran"

export interface GuideContent {
  ages: Ages | null
  audience: ("enterprise" | "person")[]
  basis: LegalBasis[]
  bookable: boolean
  by_rules: RuleSet | null
  cancelled: CancelledProof[]
  complaint_phone: string
  conditions: string[]
  consult_phone: string
  faqs: Faq[]
  fees: Fee[]
  form: FormField[]
  hall_keys: string[]
  handling: "instant" | "promised"
  hours_text: string
  legal_days: number
  mail: boolean
  materials: MaterialRule[]
  online: boolean
  parts: Part[]
  pay_online: string | null
  plain: string
  pre_review: boolean
  promise_days: number
  result: GuideResult
  sample: boolean
  situations: Situation[]
  skill: string
  steps: GuideStep[]
  themes: string[]
  video: Video | null
  visit_reason: string | null
  visits: number
}

export interface GuideOut {
  can: string[]
  coming: Coming | null
  content: GuideContent | null
  crowds: CrowdOut[]
  department: DepartmentView
  guide_id: string | null
  halls: HallView[]
  item: ItemView
  live: Live | null
  templates: Templates
  version: number | null
}

export interface GuideResult {
  certificate_type: string | null
  kind: "approval" | "certificate" | "other"
  name: string
  sample: SampleLine[]
  validity_months: number | null
}

export interface GuideStep {
  days: number
  key: "accept" | "certify" | "decide" | "deliver" | "receive" | "review"
  name: string
  what: string
  who: string
}

export interface HallFound {
  address: string
  id: string
  name: string
}

export interface HallPageOut {
  hall: HallView
  items: ItemCard[]
  windows: WindowView[]
}

export interface HallView {
  address: string
  hours_text: string
  id: string
  key: string
  kind: string
  latitude: number | null
  longitude: number | null
  name: string
  phone: string | null
  region_code: string
}

export interface Health {
  status: string
}

export interface HelpIn {
  faults?: Record<string, string>
  step: "confirm" | "form" | "papers"
}

export interface HelpOut {
  code: string
  joined: boolean
  phone: string
  until: string
}

export interface HomeOut {
  halls: HallView[]
  hot: ItemCard[]
  next_booking: BookingOut | null
  themes: ThemeOut[]
  threads: ThreadOut[]
  unread: number
}

export interface InboxOut {
  addressee: string | null
  at: string
  body: string
  delivery: "failed" | "inbox" | "sms" | "waiting" | "wechat"
  id: string
  kind: string
  page: string
  read: boolean
  thread_id: string | null
  title: string
}

export interface ItemCard {
  bookable: boolean
  code: string
  department: string
  department_id: string
  handling: string | null
  highlights: (number[])[]
  id: string
  name: string
  online: boolean
  promise_days: number | null
  sample: boolean
  tags: string[]
  visits: number | null
}

export interface ItemView {
  active: boolean
  audience: string[]
  bookable: boolean
  code: string
  department_id: string
  guide_id: string | null
  handling: string | null
  id: string
  kind: string
  local_code: string | null
  name: string
  online: boolean
  promise_days: number | null
  region_code: string
  sample: boolean
  skill: string | null
  tags: string[]
  themes: string[]
  visits: number | null
}

export interface JudgeIn {
  satisfied: boolean
  secret?: string
  token: string
  words?: string
}

export interface KeyOut {
  algorithm: string
  compromised_from: string | null
  key_id: string
  public_key: string
  signs_from: string
  state: "coming" | "compromised" | "current" | "former"
}

export interface KeysOut {
  issuer: string
  keys: KeyOut[]
}

export type Kind = "erratum" | "grievance" | "nuisance" | "question" | "stuck"

export interface KindOut {
  name: string
  skill: string
  wait: WaitOut | null
  waiting: number
}

export interface LegalBasis {
  article: string
  law: string
  text: string
}

export type Level = "dissatisfied" | "fairly_satisfied" | "satisfied" | "very_dissatisfied" | "very_satisfied"

export interface LevelOut {
  level: Level
  stars: number
  tags: TagOut[]
  text: string
}

export interface Live {
  booking_id: string | null
  case_id: string | null
  thread_id: string
}

export interface LoginOut {
  me: MeOut
  token: string
}

export interface LookOut {
  at: string
  thread_number: string | null
  what: string
  who: string
  whose: string | null
}

export interface MandateIn {
  document_kind?: "hk_macau_permit" | "passport" | "resident_id" | "taiwan_permit"
  last_day?: string | null
  name: string
  number: string
  relation: "agent" | "guardian" | "relative"
  scope?: "everything" | "visits"
}

export interface MandateOut {
  agent_name: string
  basis: string | null
  can: ("consent" | "end" | "object" | "refuse")[]
  id: string
  last_day: string
  name: string
  person_id: string
  reason: string | null
  relation: string
  scope: string
  side: "agent" | "guardian" | "person"
  since: string
  state: string
}

export interface MandatesOut {
  hall: WayOn | null
  items: MandateOut[]
}

export interface MaterialIn {
  file_id: string
  key: string
}

export interface MaterialOut {
  earlier: EarlierOut | null
  exempt: string | null
  files: FileOut[]
  key: string
  name: string
  need: string
  reference: ReferenceOut | null
  refused_reason: string | null
  source: string | null
}

export interface MaterialRule {
  by_reference: boolean
  certificate_type: string | null
  copies: number
  exempt: string | null
  key: string
  kind: "certificate" | "form" | "other"
  medium: "either" | "electronic" | "paper"
  name: string
  need: "deficiency" | "optional" | "required"
  note: string | null
  originals: number
  pixels: Pixels | null
  pledge: string | null
  reuse_months: number | null
  source: "applicant" | "government" | "other"
  standards: string[]
  stands_for: string[]
  when: Condition | null
}

export interface MatterOut {
  id: string
  name: string
  skill: string
}

export interface MeOut {
  account_id: string
  consent: ConsentOut | null
  elder_mode: boolean
  enterprises: MyEnterpriseOut[]
  locale: string
  person: PersonOut | null
  phone: string | null
  privacy_version: string
  represents: RepresentedOut[]
  sessions: SessionOut[]
  walk: string | null
}

export interface MessageOut {
  message: InboxOut
  ways: WayOut[]
}

export interface MyDataOut {
  erasure: ErasureOut | null
  exports_left: number
  kept: string[]
  open_matters: number
}

export interface MyEnterpriseOut {
  id: string
  name: string
  role: string
  uscc: string
}

export interface NextOut {
  page: string
  text: string
}

export interface NoticeCheck {
  issued_at: string
  item: string
  kind: string
  number: string
  title: string
}

export interface NoticeOut {
  id: string
  issued_at: string
  kind: string
  number: string
  title: string
  url: string
}

export interface ObjectionIn {
  reason: string
}

export interface OriginalLine {
  key: string
  name: string
  standards: string[]
}

export interface Originals {
  address: string
  bookable: boolean
  due_on: string | null
  hall: string
  hall_id: string
  lines: OriginalLine[]
}

export interface PageQuery {
  cursor: string | null
  limit: number
}

export interface PageOfBookingOut {
  items: BookingOut[]
  next: string | null
}

export interface PageOfComplaintLine {
  items: ComplaintLine[]
  next: string | null
}

export interface PageOfInboxOut {
  items: InboxOut[]
  next: string | null
}

export interface PageOfItemCard {
  items: ItemCard[]
  next: string | null
}

export interface PageOfLookOut {
  items: LookOut[]
  next: string | null
}

export interface PageOfPublicAnswer {
  items: PublicAnswer[]
  next: string | null
}

export interface PageOfThreadOut {
  items: ThreadOut[]
  next: string | null
}

export interface ParcelStep {
  at: string
  place: string | null
  text: string
}

export interface Part {
  days: number | null
  item: string
  key: string
  name: string | null
  version: number | null
  who: string | null
}

export interface PartOut {
  department: string
  id: string
  light: string | null
  mend_by: string | null
  name: string
  number: string
  promise_on: string | null
  state: string
  state_text: string
  thread_id: string
}

export interface PersonOut {
  age: number | null
  birth_date: string | null
  document: string
  document_kind: string
  id: string
  is_elder: boolean
  name: string
}

export interface PhoneIn {
  code: string
}

export interface PhoneLoginIn {
  code: string
  consent?: string | null
  phone: string
}

export interface PhoneProofIn {
  code: string
  phone: string
}

export interface PictureOut {
  id: string
  size: number
}

export interface Pixels {
  least_height: number | null
  least_width: number | null
  most_height: number | null
  most_width: number | null
}

export interface PlaceLine {
  department: string
  since: string
  subject_text: string
  title: string
  token: string
}

export interface PlaceOut {
  lines: PlaceLine[]
  place: string
}

export interface PlaceQuery {
  slip: string | null
  token: string | null
}

export interface PledgeOut {
  at_window: boolean
  barred_until: string | null
  due_on: string | null
  found: string | null
  key: string
  name: string
  signed_at: string
  state: string
  words: string
}

export interface Postal {
  city: string
  county: string
  name: string
  phone: string
  province: string
  street: string
}

export interface PreferencesIn {
  elder_mode?: boolean | null
  locale?: string | null
}

export interface PresentationOut {
  expires_at: string
  refresh_seconds: number
  token: string
  urls: string[]
}

export interface PrintedOut {
  expires_at: string
  url: string
}

export interface PrivacyOut {
  paragraphs: string[]
  title: string
  version: string
}

export interface Problem {
  code: string
  detail: string
  fields: Field[] | null
  page: string | null
  request_id: string
  status: number
  title: string
  type: string
}

export interface PublicAnswer {
  answer: string
  answered_on: string
  id: string
  kind_text: string
  question: string
  title: string
}

export interface PublicQuery {
  cursor: string | null
  item_id: string | null
  limit: number
  q: string
}

export interface QuietOut {
  hour: number
  text: string
  weekday: number
}

export interface RateIn {
  level: Level
  pictures?: string[]
  secret?: string
  tags?: string[]
  token: string
  via?: "code" | "mobile" | "sms" | "web"
  words?: string
}

export interface RatingOut {
  id: string
  level: Level
  rectification: RectificationOut | null
}

export interface RatingPictureQuery {
  secret: string
  token: string
}

export interface RatingRef {
  answer_token: string | null
  given: boolean
  subject: string
  token: string | null
}

export interface RealNameIn {
  document_kind: "hk_macau_permit" | "passport" | "resident_id" | "taiwan_permit"
  name: string
  number: string
}

export interface RectificationOut {
  due_on: string
}

export interface ReferenceIn {
  key: string
  name: string
  number: string
}

export interface ReferenceOut {
  looked_at: string | null
  looked_by: string | null
  name: string
  number: string
  verdict: string | null
  words: string | null
}

export interface RefuseIn {
  commitment_id: string
}

export interface ReportAnswer {
  answer: string | null
  label: string
  state: string
}

export interface ReportIn {
  key: string
  right: string
  version: number
  words?: string
}

export interface RepresentedOut {
  age: number | null
  last_day: string
  mandate_id: string
  name: string
  person_id: string
  relation: string
  scope: string
}

export interface RequestIn {
  subscriptions?: Subscriptions | null
  ticked?: string[] | null
}

export interface RescheduleIn {
  slot_id: string
}

export interface ResultOut {
  hall: string
  name: string
  state: string
  state_text: string
  thread_id: string
}

export interface Rule {
  begins: string | null
  certificate_type: string | null
  fact: "age" | "answer" | "certificate" | "certificate_says" | "granted" | "identity" | "no_certificate" | "not_granted"
  field: string | null
  item: string | null
  key: string
  least: number | null
  line: string | null
  months: number | null
  most: number | null
  name: string
}

export interface RuleLine {
  held: "down" | "no" | "yes"
  name: string
  read_at: string
  said: string
  source: string
}

export interface RuleSet {
  basis: string
  look_days: number
  look_percent: number
  name: string
  rules: Rule[]
}

export interface RulingOut {
  basis: string
  ended_at: string | null
  lines: RuleLine[]
  name: string
  state: string
  why: string | null
}

export interface SampleLine {
  entry: string
  says: string
}

export interface ScanOut {
  at: string
  result: string
  result_text: string
  who: string
}

export interface ScoreOut {
  area: string
  fewest: number
  parts: ScorePart[]
  period: string
  points: number | null
}

export interface ScorePart {
  few: boolean
  key: string
  means: string
  name: string
  points: number | null
  weight: number
}

export interface SearchQuery {
  audience: "enterprise" | "person" | null
  cursor: string | null
  department_id: string | null
  limit: number
  q: string
  tag: "theme" | null
  theme: string | null
}

export interface SendCodeIn {
  phone: string
}

export interface SendIn {
  materials: MaterialIn[]
}

export interface SessionOut {
  current: boolean
  device: string
  id: string
  last_seen: string
}

export interface SignatureIn {
  drawn: string
}

export interface Situation {
  answers: SituationAnswer[]
  hint: string | null
  key: string
  part: string | null
  question: string
}

export interface SituationAnswer {
  ages: Ages | null
  label: string
  materials: string[]
  parts: string[]
  stop: string | null
  then: string | null
  value: string
}

export interface SlotOut {
  ends_at: string
  free: number
  full: boolean
  id: string
  starts_at: string
}

export interface Source {
  kind: "case" | "certificate" | "register"
  name: string | null
  of: string | null
  on: string | null
  reported: boolean
}

export type Standing = "closed" | "draft" | "open" | "visited"

export interface StandingOut {
  ahead: number
  booking_id: string | null
  day: string
  hall: string
  hall_id: string
  id: string
  item: BookingItemRef
  person: string
  state: string
  state_text: string
}

export interface StartIn {
  enterprise_id?: string | null
  for_person_id?: string | null
  item_id: string
  situation?: Record<string, string>
}

export type State = "answered" | "closed" | "in_progress" | "received" | "routed" | "withdrawn"

export interface StepOut {
  at: string
  name: string
  text: string
}

export interface SubmitIn {
  delivery: DeliveryIn
  form: Record<string, string>
  materials: MaterialIn[]
  pledges?: string[]
  references?: ReferenceIn[]
  subscriptions?: Subscriptions | null
  version: number
}

export interface SubscriptionResult {
  outcome: "accept" | "ban" | "filter" | "reject"
  template_id: string
}

export interface Subscriptions {
  main_switch?: boolean | null
  nonce: string
  results: SubscriptionResult[]
}

export interface SuggestOut {
  halls: HallFound[]
  items: Suggestion[]
  words: string[]
}

export interface SuggestQuery {
  q: string
}

export interface Suggestion {
  highlights: (number[])[]
  id: string
  name: string
}

export interface TagOut {
  code: string
  shown: boolean
  text: string
}

export interface Templates {
  apply: string[]
  book: string[]
}

export interface ThemeOut {
  audience: "enterprise" | "person"
  count: number
  icon: string
  key: string
  name: string
}

export interface ThreadOut {
  id: string
  next: NextOut | null
  number: string
  person: string
  standing: Standing
  standing_text: string
  state: ThreadState
  status: string | null
  status_text: string
  title: string
  updated_at: string
}

export interface ThreadScreen {
  booking: BookingOut | null
  carry: WillCarry
  case: CaseOut | null
  certificates: CertificateCard[]
  clock: ClockOut | null
  delivery: DeliveryOut | null
  id: string
  item_id: string
  notices: NoticeOut[]
  number: string
  rating: RatingRef | null
  results: ResultOut[]
  standing: string
  standing_text: string
  state: string
  steps: StepOut[]
  ticket: TicketOut | null
  title: string
}

export type ThreadState = "closed" | "open"

export interface ThreadsQuery {
  cursor: string | null
  limit: number
  state: ThreadState | null
}

export interface TicketOut {
  ahead: number
  booked: boolean
  bring: string[]
  can: string[]
  code: string | null
  green: boolean
  hall: QueueHallRef
  id: string
  item: string | null
  kind: string
  late: boolean
  number: string
  person: string | null
  state: string
  state_text: string
  taken_at: string
  thread_id: string | null
  version: number
  wait: WaitOut | null
  window: string | null
}

export interface TicketQuery {
  version: number
  wait: number
}

export interface TicksIn {
  ticked: string[]
}

export interface TopicOut {
  ask: string
  by_sms: boolean
  carried: boolean
  lasting: boolean
  note: string
  title: string
  topic: string
  wanted: Wanted
}

export interface TopicsOut {
  main_switch: boolean
  topics: TopicOut[]
  wechat: boolean
}

export interface TrackOut {
  number: string
  state: string
  steps: StepOut[]
  title: string
}

export interface TrackQuery {
  number: string
  phone_tail: string
}

export interface UnreadOut {
  count: number
}

export interface UnsentIn {
  materials?: MaterialIn[]
}

export interface UploadIn {
  name: string
  size: number
}

export interface UploadOut {
  expires_at: string
  id: string
  part: number
  received: number
  size: number
}

export interface Video {
  address: string
  title: string
  words: string
}

export interface WaitIn {
  day: string
  enterprise_id?: string | null
  for_person_id?: string | null
  hall_id: string
  item_id: string
  subscriptions?: Subscriptions | null
}

export interface WaitOut {
  high: number
  low: number
}

export interface WaitsOut {
  items: StandingOut[]
}

export interface WalkInIn {
  green?: Green | null
  item_id?: string | null
  skill: string
  subscriptions?: Subscriptions | null
  token: string
}

export interface WalkLoginIn {
  code: string
}

export interface Wanted {
  sms: boolean
  wechat: boolean
}

export interface WayOn {
  address: string
  hours: string
  name: string
  phone: string | null
}

export interface WayOut {
  at: string
  channel: Channel
  state: "arrived" | "failed" | "not_allowed" | "sent" | "waiting"
}

export interface WeChatLoginIn {
  code: string
}

export interface WholeOut {
  id: string
  name: string
  nudged_at: string | null
  number: string
  parts: PartOut[]
  thread_id: string
}

export interface WillCarry {
  ask: string[]
  main_switch: boolean
  messages: Carried[]
}

export interface WindowView {
  hall_id: string
  id: string
  name: string
  number: number
  open: boolean
  skills: string[]
}

export interface BookingHallRef {
  address: string
  hours_text: string
  id: string
  latitude: number | null
  longitude: number | null
  name: string
  phone: string | null
}

export interface BookingItemRef {
  id: string
  name: string
}

export interface SchemasItemRef {
  id: string
  name: string
}

export interface SchemasFormQuery {
  filled: boolean
}

export type ComplaintsReason = "hard" | "impossible" | "refused"

export interface DeliveryHallRef {
  address: string
  hours_text: string
  id: string
  name: string
  phone: string | null
}

export type PushReason = "answer_lost" | "banned" | "broken" | "cancelled" | "deadline" | "main_switch" | "not_agreed" | "paused" | "rejected" | "unfit" | "unreachable" | "unreadable" | "used_up"

export interface QueueHallRef {
  id: string
  name: string
}

export interface RatingsFormQuery {
  secret: string
  token: string
}

export interface Endpoints {
  'DELETE /cases/{case_id}/help': { params: { case_id: string }; reply: null }
  'DELETE /certificates/{certificate_id}/printed-code': { params: { certificate_id: string }; reply: null }
  'DELETE /enterprises/{enterprise_id}/clerks/{clerk_id}': { params: { enterprise_id: string; clerk_id: string }; reply: null }
  'DELETE /files/{file_id}': { params: { file_id: string }; reply: null }
  'DELETE /inbox/{message_id}': { params: { message_id: string }; reply: null }
  'DELETE /mandates/{mandate_id}': { params: { mandate_id: string }; reply: MandatesOut }
  'DELETE /me/addresses/{address_id}': { params: { address_id: string }; reply: AddressesOut }
  'DELETE /me/consent': { reply: MeOut }
  'DELETE /me/data/erasure': { reply: MyDataOut }
  'DELETE /me/phone': { reply: MeOut }
  'DELETE /me/sessions': { reply: MeOut }
  'DELETE /me/sessions/{session_id}': { params: { session_id: string }; reply: null }
  'DELETE /uploads/{upload_id}': { params: { upload_id: string }; reply: null }
  'GET /arrivals/{token}': { params: { token: string }; reply: ArrivalOut }
  'GET /availability': { query: { item_id: string; hall_id: string; from?: string | null; days?: number }; reply: AvailabilityOut }
  'GET /bookings': { query?: { state?: string; cursor?: string | null; limit?: number }; reply: PageOfBookingOut }
  'GET /bookings/{booking_id}': { params: { booking_id: string }; reply: BookingOut }
  'GET /cases/{case_id}': { params: { case_id: string }; reply: CaseOut }
  'GET /certificates': { reply: CertificateCard[] }
  'GET /certificates/consents/{consent_id}': { params: { consent_id: string }; reply: ConsentView }
  'GET /certificates/keys': { reply: KeysOut }
  'GET /certificates/status-list': { reply: unknown }
  'GET /certificates/{certificate_id}': { params: { certificate_id: string }; reply: CertificateOut }
  'GET /certificates/{certificate_id}.pdf': { params: { certificate_id: string }; reply: unknown }
  'GET /certificates/{certificate_id}/picture': { params: { certificate_id: string }; reply: unknown }
  'GET /codes/{token}': { params: { token: string }; reply: CodeOut }
  'GET /complaints': { query?: { cursor?: string | null; limit?: number }; reply: PageOfComplaintLine }
  'GET /complaints/one': { query: { token: string }; reply: ComplaintOut }
  'GET /complaints/pictures/{picture_id}': { params: { picture_id: string }; query: { token: string }; reply: unknown }
  'GET /config': { reply: ConfigOut }
  'GET /enterprises/{enterprise_id}/clerks': { params: { enterprise_id: string }; reply: ClerksOut }
  'GET /files/{file_id}': { params: { file_id: string }; reply: unknown }
  'GET /files/{file_id}/thumb': { params: { file_id: string }; reply: unknown }
  'GET /guides/{guide_id}/flow.svg': { params: { guide_id: string }; reply: unknown }
  'GET /guides/{guide_id}/form.svg': { params: { guide_id: string }; query?: { filled?: boolean }; reply: unknown }
  'GET /guides/{guide_id}/result.svg': { params: { guide_id: string }; reply: unknown }
  'GET /halls': { reply: HallView[] }
  'GET /halls/{hall_id}': { params: { hall_id: string }; reply: HallPageOut }
  'GET /halls/{hall_id}/board': { params: { hall_id: string }; query?: { version?: number; wait?: number }; reply: BoardOut }
  'GET /home': { reply: HomeOut }
  'GET /inbox': { query?: { cursor?: string | null; limit?: number }; reply: PageOfInboxOut }
  'GET /inbox/unread': { reply: UnreadOut }
  'GET /inbox/{message_id}': { params: { message_id: string }; reply: MessageOut }
  'GET /items': { query?: { cursor?: string | null; limit?: number; q?: string; audience?: "enterprise" | "person" | null; theme?: string | null; department_id?: string | null; tag?: "theme" | null }; reply: PageOfItemCard }
  'GET /items/suggest': { query?: { q?: string }; reply: SuggestOut }
  'GET /items/{item_id}': { params: { item_id: string }; reply: GuideOut }
  'GET /mandates': { reply: MandatesOut }
  'GET /me': { reply: MeOut }
  'GET /me/access-log': { query?: { cursor?: string | null; limit?: number }; reply: PageOfLookOut }
  'GET /me/addresses': { reply: AddressesOut }
  'GET /me/data': { reply: MyDataOut }
  'GET /notices/{notice_id}.pdf': { params: { notice_id: string }; reply: unknown }
  'GET /places/{token}': { params: { token: string }; query?: { version?: number; wait?: number }; reply: TicketOut }
  'GET /privacy': { reply: PrivacyOut }
  'GET /public-answers': { query?: { cursor?: string | null; limit?: number; item_id?: string | null; q?: string }; reply: PageOfPublicAnswer }
  'GET /ratings/figures': { query?: { item_id?: string | null }; reply: FiguresOut }
  'GET /ratings/form': { query: { token: string; secret?: string }; reply: FormOut }
  'GET /ratings/place': { query?: { token?: string | null; slip?: string | null }; reply: PlaceOut }
  'GET /score': { reply: ScoreOut }
  'GET /subscriptions': { reply: TopicsOut }
  'GET /themes': { reply: ThemeOut[] }
  'GET /threads': { query?: { cursor?: string | null; limit?: number; state?: ThreadState | null }; reply: PageOfThreadOut }
  'GET /threads/{thread_id}': { params: { thread_id: string }; reply: ThreadScreen }
  'GET /threads/{thread_id}/delivery': { params: { thread_id: string }; reply: ChoiceOut }
  'GET /tickets/{ticket_id}': { params: { ticket_id: string }; query?: { version?: number; wait?: number }; reply: TicketOut }
  'GET /track': { query: { number: string; phone_tail: string }; reply: TrackOut }
  'GET /uploads/{upload_id}': { params: { upload_id: string }; reply: UploadOut }
  'GET /waits': { reply: WaitsOut }
  'POST /bookings': { body: BookIn; reply: BookingOut }
  'POST /bookings/{booking_id}/appeal': { params: { booking_id: string }; body: AppealIn; reply: BookingOut }
  'POST /bookings/{booking_id}/cancel': { params: { booking_id: string }; reply: BookingOut }
  'POST /bookings/{booking_id}/request': { params: { booking_id: string }; body: RequestIn; reply: BookingOut }
  'POST /bookings/{booking_id}/reschedule': { params: { booking_id: string }; body: RescheduleIn; reply: BookingOut }
  'POST /bookings/{booking_id}/ticks': { params: { booking_id: string }; body: TicksIn; reply: BookingOut }
  'POST /cases': { body: StartIn; reply: CaseOut }
  'POST /cases/{case_id}/commitment': { params: { case_id: string }; body: CommitIn; reply: CaseOut }
  'POST /cases/{case_id}/commitment/refusal': { params: { case_id: string }; body: RefuseIn; reply: CaseOut }
  'POST /cases/{case_id}/help': { params: { case_id: string }; body: HelpIn; reply: HelpOut }
  'POST /cases/{case_id}/report': { params: { case_id: string }; body: ReportIn; reply: CaseOut }
  'POST /cases/{case_id}/submit': { params: { case_id: string }; body: SubmitIn; reply: CaseOut }
  'POST /cases/{case_id}/supplement': { params: { case_id: string }; body: SendIn; reply: CaseOut }
  'POST /cases/{case_id}/withdraw': { params: { case_id: string }; reply: CaseOut }
  'POST /certificates/checks': { body: CheckIn; reply: CheckOut }
  'POST /certificates/consents': { body: ConsentAskIn; reply: ConsentView }
  'POST /certificates/consents/{consent_id}/answer': { params: { consent_id: string }; body: ConsentAnswerIn; reply: ConsentView }
  'POST /certificates/consents/{consent_id}/read': { params: { consent_id: string }; reply: ConsentFields }
  'POST /certificates/consents/{consent_id}/take-back': { params: { consent_id: string }; reply: ConsentView }
  'POST /certificates/{certificate_id}/presentations': { params: { certificate_id: string }; reply: PresentationOut }
  'POST /certificates/{certificate_id}/printed-code': { params: { certificate_id: string }; reply: PrintedOut }
  'POST /check-ins': { body: CheckInIn; reply: TicketOut }
  'POST /complaints': { body: ComplaintIn; reply: ComplaintOut }
  'POST /complaints/judge': { body: ComplaintJudgeIn; reply: ComplaintOut }
  'POST /complaints/pictures': { query: { token: string }; body: unknown; reply: ComplaintOut }
  'POST /complaints/withdraw': { body: ComplaintRef; reply: ComplaintOut }
  'POST /enterprises': { body: EnterpriseIn; reply: EnterpriseOut }
  'POST /enterprises/{enterprise_id}/clerks': { params: { enterprise_id: string }; body: ClerkIn; reply: ClerkOut }
  'POST /files': { body: unknown; reply: FileOut }
  'POST /inbox/read-all': { reply: null }
  'POST /inbox/{message_id}/read': { params: { message_id: string }; reply: null }
  'POST /inbox/{message_id}/restore': { params: { message_id: string }; reply: null }
  'POST /login/code': { body: SendCodeIn; reply: null }
  'POST /login/phone': { body: PhoneLoginIn; reply: LoginOut }
  'POST /login/walk': { body: WalkLoginIn; reply: LoginOut }
  'POST /login/wechat': { body: WeChatLoginIn; reply: LoginOut }
  'POST /logout': { reply: null }
  'POST /mandates': { body: MandateIn; reply: MandateOut }
  'POST /mandates/{mandate_id}/consent': { params: { mandate_id: string }; reply: MandatesOut }
  'POST /mandates/{mandate_id}/objection': { params: { mandate_id: string }; body: ObjectionIn; reply: MandatesOut }
  'POST /mandates/{mandate_id}/refusal': { params: { mandate_id: string }; reply: MandatesOut }
  'POST /me/addresses': { body: AddressIn; reply: AddressesOut }
  'POST /me/consent': { body: ConsentIn; reply: MeOut }
  'POST /me/data/erasure': { reply: MyDataOut }
  'POST /me/data/export': { reply: unknown }
  'POST /me/phone': { body: PhoneIn; reply: MeOut }
  'POST /me/phone/proof': { body: PhoneProofIn; reply: MeOut }
  'POST /me/real-name': { body: RealNameIn; reply: MeOut }
  'POST /ratings': { body: RateIn; reply: RatingOut }
  'POST /ratings/change': { body: RateIn; reply: RatingOut }
  'POST /ratings/judge': { body: JudgeIn; reply: FormOut }
  'POST /ratings/pictures': { query: { token: string; secret?: string }; body: unknown; reply: PictureOut }
  'POST /subscriptions': { body: Subscriptions; reply: null }
  'POST /threads/{thread_id}/delivery/signature': { params: { thread_id: string }; body: SignatureIn; reply: null }
  'POST /tickets/{ticket_id}/leave': { params: { ticket_id: string }; reply: TicketOut }
  'POST /uploads': { body: UploadIn; reply: UploadOut }
  'POST /uploads/{upload_id}/finish': { params: { upload_id: string }; reply: FileOut }
  'POST /waits': { body: WaitIn; reply: StandingOut }
  'POST /waits/{waiting_id}/leave': { params: { waiting_id: string }; reply: WaitsOut }
  'POST /walk-ins': { body: WalkInIn; reply: TicketOut }
  'PUT /cases/{case_id}/draft': { params: { case_id: string }; body: DraftIn; reply: CaseOut }
  'PUT /cases/{case_id}/supplement': { params: { case_id: string }; body: UnsentIn; reply: CaseOut }
  'PUT /me/addresses/{address_id}': { params: { address_id: string }; body: AddressIn; reply: AddressesOut }
  'PUT /me/preferences': { body: PreferencesIn; reply: MeOut }
  'PUT /subscriptions/{topic}': { params: { topic: string }; body: Wanted; reply: TopicsOut }
  'PUT /threads/{thread_id}/delivery': { params: { thread_id: string }; body: DeliveryIn; reply: ChoiceOut }
  'PUT /uploads/{upload_id}/parts/{start}': { params: { upload_id: string; start: string }; body: unknown; reply: UploadOut }
}
