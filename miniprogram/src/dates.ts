/** Times arrive as Shanghai wall-clock time (`2026-11-20T09:00:00+08:00`); they are read as text, so the phone's own zone never matters. */
import { t } from '@/i18n'

const two = (n: number): string => String(n).padStart(2, '0')

/** `2026-11-20` in any time or date of the wire. */
export const dayOf = (time: string): string => time.slice(0, 10)
export const clockOf = (time: string): string => time.slice(11, 16)

/** How far the server's clock is ahead of this phone's; a second or two is only the way the answer took. */
let ahead = 0
const NOTICED = 2_000

/** Every answer says when it was written: what counts down here ends when it ends there. */
export function heardAt(date: string | undefined): void {
  const there = Date.parse(date ?? '')
  if (Number.isNaN(there)) return
  const off = there - Date.now()
  ahead = Math.abs(off) > NOTICED ? off : 0
}

/** The server's time in milliseconds, as far as this phone knows. */
export const now = (): number => Date.now() + ahead

const inShanghai = (moment: number): string => new Date(moment + 8 * 3_600_000).toISOString()

/** Today in Shanghai, wherever the phone is and whatever its clock says. */
export const today = (moment = now()): string => inShanghai(moment).slice(0, 10)
/** A moment as the wire writes it. */
export const wireTime = (moment: number): string => `${inShanghai(moment).slice(0, 19)}+08:00`
export const clockAt = (moment: number): string => inShanghai(moment).slice(11, 16)

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

export const weekdayOf = (day: string): number => new Date(`${day}T00:00:00Z`).getUTCDay()

/** Day, month and weekday, and the year when it is another one. */
export function dayText(time: string, now = today()): string {
  const day = dayOf(time)
  const [year, month, date] = day.split('-').map(Number) as [number, number, number]
  const values = { year, month, date, month_name: t(`common.month.${month}`), weekday: t(`common.weekday.${weekdayOf(day)}`) }
  return t(String(year) === now.slice(0, 4) ? 'common.date.day' : 'common.date.day_with_year', values)
}

/** As papers write a date: the year always, the weekday never. */
export function dateText(time: string): string {
  const [year, month, date] = dayOf(time).split('-').map(Number) as [number, number, number]
  return t('common.date.day_with_year', { year, date, month_name: t(`common.month.${month}`) })
}

/** A date as papers store it is written as `dateText` writes it; any other text stays as it is. */
export const saidText = (value: string): string => (/^\d{4}-\d{2}-\d{2}$/.test(value) ? dateText(value) : value)

/** How many days from one to the other, by the calendar. */
export const daysBetween = (from: string, to: string): number => Math.round((Date.parse(`${dayOf(to)}T00:00:00Z`) - Date.parse(`${dayOf(from)}T00:00:00Z`)) / 86_400_000)

/** Today and tomorrow by their names, any other day by its date. */
export function nearDayText(time: string, now = today()): string {
  const day = dayOf(time)
  if (day === now) return t('common.date.today')
  if (day === addDays(now, 1)) return t('common.date.tomorrow')
  return dayText(time, now)
}

export function timeText(time: string, now = today()): string {
  return `${nearDayText(time, now)} ${clockOf(time)}`
}

export function spanText(starts: string, ends: string): string {
  return `${nearDayText(starts)} ${clockOf(starts)}–${clockOf(ends)}`
}

/** "12:05" until then, "0:00" from then on. */
export function countdown(until: string, moment = now()): string {
  const left = Math.max(0, Math.ceil((Date.parse(until) - moment) / 1000))
  return `${Math.floor(left / 60)}:${two(left % 60)}`
}

export function yuan(fen: number): string {
  return fen % 100 === 0 ? String(fen / 100) : (fen / 100).toFixed(2)
}
