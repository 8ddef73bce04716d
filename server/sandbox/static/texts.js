// Words in the chosen language; the page comes with all of them.

export const config = JSON.parse(document.getElementById('config').textContent)

export const locale = () => config.locale

export function t(key, values = {}) {
  const text = config.texts[config.locale]?.[key] ?? config.texts['zh-CN'][key] ?? key
  return text.replace(/\{(\w+)\}/g, (hole, name) => (name in values ? String(values[name]) : hole))
}

export function switchLocale() {
  config.locale = config.locale === 'zh-CN' ? 'en' : 'zh-CN'
  document.cookie = `sandbox_lang=${config.locale}; path=/; max-age=31536000; samesite=lax`
  document.documentElement.lang = config.locale
  document.title = t('title')
}

// These phones are in China, wherever the browser is: its UTC, eight hours on.
const dateOf = (seconds) => new Date((seconds + 8 * 3600) * 1000)
const two = (number) => String(number).padStart(2, '0')

export function clockTime(seconds) {
  const date = dateOf(seconds)
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`
}

// The time as a chat list shows it: today the hour, yesterday the word, else the day.
export function chatTime(seconds, now) {
  const days = Math.floor((startOfDay(now) - startOfDay(seconds)) / 86_400)
  if (Math.abs(now - seconds) < 60) return t('just_now')
  if (days <= 0) return clockTime(seconds)
  if (days === 1) return `${t('yesterday')} ${clockTime(seconds)}`
  const date = dateOf(seconds)
  return `${date.getUTCMonth() + 1}/${date.getUTCDate()} ${clockTime(seconds)}`
}

function startOfDay(seconds) {
  return dateOf(seconds).setUTCHours(0, 0, 0, 0) / 1000
}
