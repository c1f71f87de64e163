#include "cexpat_library.h"

#include <limits.h>
#include <stdio.h>

struct parse {
    XML_Parser parser;
    const cexpat_limits *limits;
    const cexpat_handler *handler;
    void *user_data;
    size_t depth;
    size_t elements;
    cexpat_status status;
};

/* expat may still deliver what belongs to the same tag after it was told to stop; `status` keeps that from going on. */
static void stop(struct parse *parse, cexpat_status status) {
    parse->status = status;
    cexpat_table.XML_StopParser(parse->parser, XML_FALSE);
}

static void XMLCALL start_element(void *user_data, const XML_Char *name, const XML_Char **attributes) {
    (void)attributes;
    struct parse *parse = user_data;
    if (parse->status != CEXPAT_OK) {
        return;
    }
    if (parse->depth >= parse->limits->depth) {
        stop(parse, CEXPAT_TOO_DEEP);
    } else if (parse->elements >= parse->limits->elements) {
        stop(parse, CEXPAT_TOO_MANY);
    } else {
        parse->depth++;
        parse->elements++;
        if (!parse->handler->start(parse->user_data, name)) {
            stop(parse, CEXPAT_STOPPED);
        }
    }
}

static void XMLCALL end_element(void *user_data, const XML_Char *name) {
    (void)name;
    struct parse *parse = user_data;
    if (parse->status != CEXPAT_OK) {
        return;
    }
    parse->depth--;
    if (!parse->handler->end(parse->user_data)) {
        stop(parse, CEXPAT_STOPPED);
    }
}

static void XMLCALL text(void *user_data, const XML_Char *bytes, int size) {
    struct parse *parse = user_data;
    if (parse->status == CEXPAT_OK && size > 0 && !parse->handler->text(parse->user_data, bytes, (size_t)size)) {
        stop(parse, CEXPAT_STOPPED);
    }
}

static void XMLCALL doctype(void *user_data, const XML_Char *name, const XML_Char *system_id, const XML_Char *public_id, int has_subset) {
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_subset;
    struct parse *parse = user_data;
    if (parse->status == CEXPAT_OK) {
        stop(parse, CEXPAT_DOCTYPE);
    }
}

static void explain(struct parse *parse, cexpat_error *error) {
    const char *reason = "the parse was stopped";
    switch (parse->status) {
    case CEXPAT_MALFORMED:
        reason = cexpat_table.XML_ErrorString(cexpat_table.XML_GetErrorCode(parse->parser));
        break;
    case CEXPAT_NO_MEMORY:
        reason = "out of memory";
        break;
    case CEXPAT_DOCTYPE:
        reason = "it has a DOCTYPE";
        break;
    case CEXPAT_TOO_DEEP:
        reason = "its elements are nested too deeply";
        break;
    case CEXPAT_TOO_MANY:
        reason = "it has too many elements";
        break;
    default:
        break;
    }
    error->line = cexpat_table.XML_GetCurrentLineNumber(parse->parser);
    error->column = (size_t)cexpat_table.XML_GetCurrentColumnNumber(parse->parser) + 1;
    snprintf(error->text, sizeof error->text, "%s", reason != NULL ? reason : "it is malformed");
}

static cexpat_status refuse(cexpat_status status, cexpat_error *error, const char *reason) {
    *error = (cexpat_error){0};
    snprintf(error->text, sizeof error->text, "%s", reason);
    return status;
}

cexpat_status cexpat_parse(const void *bytes, size_t size, const cexpat_limits *limits, const cexpat_handler *handler, void *user_data,
                           cexpat_error *error) {
    if (!cexpat_is_loaded()) {
        return refuse(CEXPAT_NOT_LOADED, error, "expat is not loaded");
    }
    if (size > limits->bytes || size > INT_MAX) {
        return refuse(CEXPAT_TOO_LARGE, error, "it is too large");
    }
    struct parse parse = {.limits = limits, .handler = handler, .user_data = user_data, .status = CEXPAT_OK};
    parse.parser = cexpat_table.XML_ParserCreate(NULL);
    if (parse.parser == NULL) {
        return refuse(CEXPAT_NO_MEMORY, error, "out of memory");
    }
    cexpat_table.XML_SetUserData(parse.parser, &parse);
    cexpat_table.XML_SetElementHandler(parse.parser, start_element, end_element);
    cexpat_table.XML_SetCharacterDataHandler(parse.parser, text);
    cexpat_table.XML_SetStartDoctypeDeclHandler(parse.parser, doctype);
    if (cexpat_table.XML_Parse(parse.parser, size == 0 ? "" : bytes, (int)size, 1) != XML_STATUS_OK && parse.status == CEXPAT_OK) {
        bool memory = cexpat_table.XML_GetErrorCode(parse.parser) == XML_ERROR_NO_MEMORY;
        parse.status = memory ? CEXPAT_NO_MEMORY : CEXPAT_MALFORMED;
    }
    if (parse.status != CEXPAT_OK) {
        explain(&parse, error);
    }
    cexpat_table.XML_ParserFree(parse.parser);
    return parse.status;
}
