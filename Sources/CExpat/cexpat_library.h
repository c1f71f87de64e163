/* The table of expat's functions, for this room's own files. */

#ifndef CEXPAT_LIBRARY_H
#define CEXPAT_LIBRARY_H

#include <expat.h>

#include "CExpat.h"
#include "cloader.h"

#if XML_MAJOR_VERSION < 2 || (XML_MAJOR_VERSION == 2 && XML_MINOR_VERSION < 4)
#error "expat 2.4 or newer is needed (Debian: apt-get install libexpat1-dev)"
#endif

#define CEXPAT_FUNCTIONS(F) \
    F(XML_ExpatVersion) F(XML_ExpatVersionInfo) F(XML_ErrorString) F(XML_GetErrorCode) \
    F(XML_GetCurrentLineNumber) F(XML_GetCurrentColumnNumber) \
    F(XML_ParserCreate) F(XML_ParserFree) F(XML_Parse) F(XML_StopParser) F(XML_SetUserData) \
    F(XML_SetElementHandler) F(XML_SetCharacterDataHandler) F(XML_SetStartDoctypeDeclHandler)

struct cexpat_table {
    CEXPAT_FUNCTIONS(CLOADER_POINTER)
};

extern struct cexpat_table cexpat_table __attribute__((visibility("hidden")));

/* Opens expat if need be. */
bool cexpat_is_loaded(void) __attribute__((visibility("hidden")));

#endif
