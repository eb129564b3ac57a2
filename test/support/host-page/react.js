/** React 19 as a script of a page: `React` and `createRoot` become global. The package has no such script any more. */
import * as React from 'react'
import { createRoot } from 'react-dom/client'
import { flushSync } from 'react-dom'

Object.assign(globalThis, { React, createRoot, flushSync })
