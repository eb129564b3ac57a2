/** What the tasks that the test relay gives to pages are made with: their key and the origin that they name. */

export const WORK_KEY = 'hjVYpx8p0tYbqXl3mHn0L1Rk2zq7bQw5'

export const PAGE = 'https://www.acme.example'
