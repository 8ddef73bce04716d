/** The address that a shown code holds: our own scanner, WeChat's and any other one open it. */
import { serverOrigin } from '@/api/transport'

export const codeAddress = (token: string): string => `${serverOrigin()}/q/${token}`
