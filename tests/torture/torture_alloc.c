#include "torture_alloc.h"

#include <stdlib.h>

/* The names are the linker's. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *pointer, size_t size);
void __real_free(void *pointer);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *pointer, size_t size);
void __wrap_free(void *pointer);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t size);

static uint64_t countdown;
static bool for_ever;
static bool failed;
static int64_t live;

void torture_alloc_fail(uint64_t nth, bool forever)
{
    countdown = nth;
    for_ever = forever;
    failed = false;
}

bool torture_alloc_failed(void)
{
    return failed;
}

int64_t torture_alloc_live(void)
{
    return live;
}

static bool fails(void)
{
    if (failed && for_ever)
        return true;
    if (countdown == 0 || --countdown > 0)
        return false;
    failed = true;
    return true;
}

static void *counted(void *pointer)
{
    if (pointer != NULL)
        live++;
    return pointer;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : counted(__real_calloc(count, size));
}

void *__wrap_realloc(void *pointer, size_t size)
{
    if (fails())
        return NULL;
    if (pointer == NULL)
        return counted(__real_realloc(NULL, size));
    return __real_realloc(pointer, size);
}

void __wrap_free(void *pointer)
{
    if (pointer != NULL)
        live--;
    __real_free(pointer);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : counted(__real_strdup(text));
}

char *__wrap_strndup(const char *text, size_t size)
{
    return fails() ? NULL : counted(__real_strndup(text, size));
}
