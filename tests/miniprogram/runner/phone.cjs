/** A pretended WeChat for the compiled mini-program: enough of `wx` to live in, and a memory of what was called. */

const SYSTEM = {
  platform: 'ios', system: 'iOS 17', brand: 'iPhone', model: 'iPhone', language: 'zh_CN', version: '8.0.50', SDKVersion: '3.8.0', fontSizeSetting: 17, pixelRatio: 2,
  windowWidth: 390, windowHeight: 844, screenWidth: 390, screenHeight: 844, statusBarHeight: 47,
  safeArea: { left: 0, right: 390, top: 47, bottom: 810, width: 390, height: 763 }, host: {},
}
const ENTRY = { path: '', query: {}, scene: 1001 }
// uni-app looks whether `wx` has these of its own, so a proxy that answers everything is not enough.
const CALLS = `setStorage getStorage removeStorage getSystemInfo navigateTo redirectTo switchTab reLaunch navigateBack setNavigationBarTitle setTabBarItem hideTabBar
  showToast hideToast showModal showLoading hideLoading chooseImage chooseMessageFile uploadFile downloadFile openDocument previewImage requestSubscribeMessage scanCode login makePhoneCall
  onNetworkStatusChange showActionSheet pageScrollTo vibrateLong setClipboardData openLocation setScreenBrightness setKeepScreenOn stopPullDownRefresh`.split(/\s+/)

const chained = () => new Proxy({}, { get: (_, name) => (name === 'exec' ? (done) => done?.([{ left: 0, top: 0, width: 100, height: 40 }]) : () => chained()) })

class Phone {
  constructor() {
    this.calls = []
    this.stored = new Map()
    this.asked = []
    /** What the server says: ({method, url, header, data}) => ({status, body}), or ({fail}) without network, or a promise of it. */
    this.server = () => ({ status: 404, body: { code: 'not_found', detail: 'nothing here' } })
    /** What a call of WeChat answers, by name; an Error makes it fail. */
    this.answers = { login: { code: 'wx-code' } }
    this.wx = this.#build()
  }

  called(name) {
    return this.calls.filter(([one]) => one === name).map(([, options]) => options)
  }

  #answer(name, options) {
    const said = this.answers[name]
    const failed = said instanceof Error
    const result = failed ? { errMsg: said.message } : { errMsg: `${name}:ok`, ...(typeof said === 'function' ? said(options) : said) }
    setTimeout(() => {
      if (failed) options?.fail?.(result)
      else options?.success?.(result)
      options?.complete?.(result)
    }, 0)
    return Promise.resolve(result)
  }

  #request(options) {
    const { method = 'GET', url, header, data } = options
    this.asked.push({ method, url, header, data })
    setTimeout(async () => {
      const { status = 200, body = null, fail } = (await this.server({ method, url, header, data })) ?? {}
      if (fail) options.fail?.({ errMsg: fail })
      else options.success?.({ statusCode: status, data: body, header: {} })
      options.complete?.({})
    }, 0)
    return { abort() {} }
  }

  #build() {
    const { stored } = this
    const own = {
      request: (options) => this.#request(options),
      getSystemInfoSync: () => SYSTEM, getWindowInfo: () => SYSTEM, getDeviceInfo: () => SYSTEM, getAppBaseInfo: () => ({ ...SYSTEM }), getSystemSetting: () => ({}), getAppAuthorizeSetting: () => ({}),
      getAccountInfoSync: () => ({ miniProgram: { appId: 'wx0', envVersion: 'develop' } }), getLaunchOptionsSync: () => ENTRY, getEnterOptionsSync: () => ENTRY,
      getStorageSync: (name) => (stored.has(name) ? stored.get(name) : ''), setStorageSync: (name, value) => void stored.set(name, value), removeStorageSync: (name) => void stored.delete(name),
      canIUse: () => true, nextTick: (done) => Promise.resolve().then(done), createSelectorQuery: chained, createCanvasContext: chained, createIntersectionObserver: chained,
      getMenuButtonBoundingClientRect: () => ({ top: 50, bottom: 82, left: 290, right: 380, width: 90, height: 32 }),
    }
    for (const name of CALLS) own[name] ??= (options) => this.#answer(name, options)
    const { calls } = this
    return new Proxy(own, {
      get(target, name) {
        if (name in target) return typeof target[name] === 'function' ? (...args) => (calls.push([name, args[0]]), target[name](...args)) : target[name]
        // uni-app defines these itself, and asks first whether WeChat has.
        if (typeof name !== 'string' || /^(create(App|Page|Component|PluginApp|SubpackageApp)|__)/.test(name) || /^[A-Z]|cloud|env|\$/.test(name)) return undefined
        if (/^(on|off)/.test(name)) return () => undefined
        throw new Error(`the pretended WeChat has no wx.${name}`)
      },
      set: (target, name, value) => ((target[name] = value), true),
    })
  }
}

module.exports = { Phone }
