/** The fields in which the scripts of challenges post their answers. Types and names only. */

/** Kinds of challenges that a form may have. */
export const CHALLENGES = ['altcha', 'turnstile', 'hcaptcha', 'recaptcha'] as const

export type Challenge = (typeof CHALLENGES)[number]

/** Name of the field of each. The script of hCaptcha adds that of reCAPTCHA too. */
export const CHALLENGE_FIELDS: Readonly<Record<Challenge, string>> = {
  altcha: 'altcha',
  turnstile: 'cf-turnstile-response',
  hcaptcha: 'h-captcha-response',
  recaptcha: 'g-recaptcha-response',
}
