/* What cmocka wants included before itself. */
#ifndef XUNFANG_TESTS_CMOCKA_ALL_H
#define XUNFANG_TESTS_CMOCKA_ALL_H

#include <setjmp.h> /* cmocka wants these four first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
