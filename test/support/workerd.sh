#!/bin/sh
# Starts workerd so that the system kills it when its parent has ended. See with-parent.ts.
exec setpriv --pdeathsig SIGKILL "$WORKERD_PROGRAM" "$@"
