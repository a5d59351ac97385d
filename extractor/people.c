/*
 * One walk over the text: `at` looks for posts, and `start` comes behind it, moved on by every
 * token that no title goes across. Where a post ends, what lies between the two is a title.
 */
#include "extractor/people.h"

#include "study/text.h"

#include <string.h>

struct search {
    const struct titles *titles;
    const struct reading *reading;
    size_t end;
    size_t token; /* first token that begins behind the place looked at */
    size_t start; /* where a title would begin */
};

static const char *const marks[] = {"市", "县", "区", "州", "旗", "盟"};
enum { MARKS = sizeof marks / sizeof marks[0] };

/* Characters after which a place's own mark belongs to the title: 邳州|市城管局. */
static size_t mark_size(struct slice name)
{
    for (size_t i = 0; i < MARKS; i++)
        if (slice_ends(name, slice_from(marks[i])) && name.size > 2 * strlen(marks[i]))
            return strlen(marks[i]);
    return 0;
}

/* 无锡市|市长: the mark that was left to the title stands in it already. */
static struct slice without_second_mark(struct slice title)
{
    for (size_t i = 0; i < MARKS; i++) {
        size_t size = strlen(marks[i]);
        struct slice rest = slice_sub(title, size, title.size);

        if (slice_starts(title, slice_from(marks[i])) && slice_starts(rest, slice_from(marks[i])))
            return rest;
    }
    return title;
}

/* Passes the tokens up to `at`: each of them ends what stood before. */
static void pass_tokens(struct search *search, size_t at)
{
    const struct reading *reading = search->reading;

    while (search->token < reading->count && reading->tokens[search->token].offset <= at) {
        const struct token *token = &reading->tokens[search->token++];
        size_t end = token->offset + token->size;
        /* Words that titles are made of, too: 省委书记, 公司董事长, 交流处处长. */
        bool inside =
            token->kind == TOKEN_CUE && (token->cue == CUE_OTHER || token->cue == CUE_HIGHER ||
                                         token->cue == CUE_VISIT || token->cue == CUE_TALK);

        if (inside || end <= search->start)
            continue;
        search->start = end;
        if (token->kind == TOKEN_PLACE)
            search->start -= mark_size(slice_sub(reading->text, token->offset, token->size));
    }
}

static bool is_known(const struct people *people, struct slice title)
{
    for (size_t i = 0; i < people->count; i++)
        if (slice_equal(people->titles[i], title))
            return true;
    return false;
}

/* Posts and 、 without names between them: the end of the whole title. */
static size_t title_end(const struct search *search, size_t end)
{
    struct slice text = search->reading->text;
    struct slice comma = SLICE("、");

    for (;;) {
        size_t next = end;
        size_t at = end + comma.size;

        if (!slice_starts(slice_sub(text, end, text.size), comma))
            return end;
        /* Another post within a few characters, and no name: 市委副书记、市长 */
        for (size_t step = 0; step < 8 && at < search->end; step++) {
            size_t post = titles_post_at(search->titles, text, at);
            uint32_t point = 0;

            if (post > 0) {
                next = at + post;
                break;
            }
            if (!text_next(text, &at, &point) || !text_is_han(point))
                break;
        }
        if (next == end)
            return end;
        end = next;
    }
}

static void add_title(struct search *search, size_t end, struct people *people)
{
    struct slice title = without_second_mark(
        slice_trim(slice_sub(search->reading->text, search->start, end - search->start)));

    if (title.size == 0 || title.size > PEOPLE_TITLE_MAX || people->count == PEOPLE_MAX ||
        is_known(people, title))
        return;
    people->titles[people->count++] = title;
}

/* 常委|会, 委员|会, 主席|团, 书记|处: the post is part of a body's name. */
static bool goes_on(struct slice text, size_t end)
{
    struct slice rest = slice_sub(text, end, text.size);

    return slice_starts(rest, SLICE("会")) || slice_starts(rest, SLICE("团")) ||
           slice_starts(rest, SLICE("处"));
}

void people_find(const struct titles *titles, const struct reading *reading, size_t begin,
                 size_t end, struct people *people)
{
    struct search search = {titles, reading, end, 0, begin};
    size_t at = begin;
    uint32_t point = 0;

    while (at < end) {
        size_t post;

        pass_tokens(&search, at);
        /* Within a place or a cue begins no post. */
        post = at < search.start ? 0 : titles_post_at(titles, reading->text, at);
        if (post > 0 && goes_on(reading->text, at + post))
            post = 0;
        if (post == 0) {
            if (!text_next(reading->text, &at, &point))
                break;
            continue;
        }
        at = title_end(&search, at + post);
        if (at <= end)
            add_title(&search, at, people);
        search.start = at;
    }
}
