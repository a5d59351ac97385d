#include "crawler/json_check.h"

#include "crawler/url_percent.h"

/* What may come next. */
enum expect {
    EXPECT_VALUE,
    EXPECT_FIRST_VALUE, /* or the end of an empty array */
    EXPECT_KEY,
    EXPECT_FIRST_KEY, /* or the end of an empty object */
    EXPECT_COLON,
    EXPECT_MORE, /* a comma or the end of what is open */
};

struct checker {
    struct slice text;
    size_t at;
    size_t values;
    size_t depth;
    char open[JSON_CHECK_DEPTH]; /* '[' or '{' */
    enum expect expect;
};

/* -1 at the end, which no character equals. */
static int peek(const struct checker *checker)
{
    return checker->at < checker->text.size ? (unsigned char) checker->text.data[checker->at] : -1;
}

static bool take(struct checker *checker, char c)
{
    if (peek(checker) != c)
        return false;
    checker->at++;
    return true;
}

static void skip_white(struct checker *checker)
{
    while (take(checker, ' ') || take(checker, '\n') || take(checker, '\t') || take(checker, '\r'))
        continue;
}

/* Behind the backslash. */
static bool take_escape(struct checker *checker)
{
    static const char simple[] = {'"', '\\', '/', 'b', 'f', 'n', 'r', 't'};

    for (size_t i = 0; i < sizeof simple; i++)
        if (take(checker, simple[i]))
            return true;
    if (!take(checker, 'u'))
        return false;
    for (int i = 0; i < 4; i++, checker->at++)
        if (peek(checker) < 0 || percent_hex((char) peek(checker)) < 0)
            return false;
    return true;
}

/* Only the quote and the backslash matter; everything else is copied by whoever reads the text. */
static bool take_text(struct checker *checker)
{
    if (!take(checker, '"'))
        return false;
    while (!take(checker, '"')) {
        if (peek(checker) < 0)
            return false;
        if (!take(checker, '\\'))
            checker->at++;
        else if (!take_escape(checker))
            return false;
    }
    return true;
}

static size_t take_digits(struct checker *checker)
{
    size_t start = checker->at;

    while (peek(checker) >= '0' && peek(checker) <= '9')
        checker->at++;
    return checker->at - start;
}

/* No zero before other digits, no bare point: as RFC 8259 has it. */
static bool take_number(struct checker *checker)
{
    (void) take(checker, '-');
    if (!take(checker, '0') && take_digits(checker) == 0)
        return false;
    if (take(checker, '.') && take_digits(checker) == 0)
        return false;
    if (!take(checker, 'e') && !take(checker, 'E'))
        return true;
    if (!take(checker, '+'))
        (void) take(checker, '-');
    return take_digits(checker) > 0;
}

/* What follows the word is looked at by the next step: "nullx" fails there. */
static bool take_word(struct checker *checker, struct slice word)
{
    if (!slice_starts(slice_sub(checker->text, checker->at, word.size), word))
        return false;
    checker->at += word.size;
    return true;
}

/* An opening bracket: what is inside comes next. */
static bool enter(struct checker *checker, char bracket)
{
    if (checker->depth == JSON_CHECK_DEPTH)
        return false;
    checker->open[checker->depth++] = bracket;
    checker->expect = bracket == '[' ? EXPECT_FIRST_VALUE : EXPECT_FIRST_KEY;
    return true;
}

/* Every value passes here once, so here they are counted. */
static bool take_value(struct checker *checker)
{
    checker->values++;
    if (take(checker, '['))
        return enter(checker, '[');
    if (take(checker, '{'))
        return enter(checker, '{');
    checker->expect = EXPECT_MORE;
    if (peek(checker) == '"')
        return take_text(checker);
    return take_word(checker, SLICE("true")) || take_word(checker, SLICE("false")) ||
           take_word(checker, SLICE("null")) || take_number(checker);
}

/* The bracket that closes the innermost open one. */
static bool leave(struct checker *checker)
{
    if (checker->depth == 0 || !take(checker, checker->open[checker->depth - 1] == '[' ? ']' : '}'))
        return false;
    checker->depth--;
    checker->expect = EXPECT_MORE;
    return true;
}

/* A key is a text like any other. */
static bool take_key(struct checker *checker)
{
    checker->expect = EXPECT_COLON;
    return take_text(checker);
}

/* One token; `expect` says which are allowed and what comes after. */
static bool step(struct checker *checker)
{
    switch (checker->expect) {
    case EXPECT_FIRST_VALUE:
        return leave(checker) || take_value(checker);
    case EXPECT_VALUE:
        return take_value(checker);
    case EXPECT_FIRST_KEY:
        return leave(checker) || take_key(checker);
    case EXPECT_KEY:
        return take_key(checker);
    case EXPECT_COLON:
        checker->expect = EXPECT_VALUE;
        return take(checker, ':');
    case EXPECT_MORE:
        break;
    }
    if (leave(checker))
        return true;
    checker->expect =
        checker->depth > 0 && checker->open[checker->depth - 1] == '{' ? EXPECT_KEY : EXPECT_VALUE;
    return take(checker, ',');
}

/* A loop over tokens with a stack of its own: depth costs a byte. */
enum status json_check(struct slice text, size_t *values, struct error *err)
{
    struct checker checker = {.text = text, .expect = EXPECT_VALUE};

    for (;;) {
        skip_white(&checker);
        if (checker.expect == EXPECT_MORE && checker.depth == 0 && peek(&checker) < 0)
            break;
        if ((checker.expect == EXPECT_MORE && checker.depth == 0) || !step(&checker))
            return error_set(err, STATUS_INVALID, "no JSON at byte %zu of %zu", checker.at,
                             text.size);
    }
    if (values != NULL)
        *values = checker.values;
    return STATUS_OK;
}
