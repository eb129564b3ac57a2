/** Every word that the visitor reads from the element itself. Messages about fields come from the relay. */

export interface Messages {
  /** On the pressed button, and said aloud. */
  sending: string
  /** The same, while the browser goes on to the thanks page. */
  sent: string
  /** In place of the form, where the page has no `sent` slot and the form no thanks address. */
  thanks: string
  failed: string
  retry: string
  /** Above the list of fields to correct. */
  problem: string
}

export const en: Messages = {
  sending: 'Sending…',
  sent: 'Sent',
  thanks: 'Thank you. Your form has been sent.',
  failed: 'Your form could not be sent. What you filled in is still here.',
  retry: 'Try again',
  problem: 'There is a problem',
}
