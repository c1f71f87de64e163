// Whether there are exceptions. Part of slipway.hpp.
#ifndef SLIPWAY_MODE_HPP
#define SLIPWAY_MODE_HPP

#include <slipway.h>

#if defined(__cpp_exceptions) || (defined(_MSC_VER) && defined(_CPPUNWIND))
#define SLIPWAY_HPP_EXCEPTIONS 1
#else
#define SLIPWAY_HPP_EXCEPTIONS 0
#endif

// A program may have files compiled with exceptions and files compiled without them. The names differ for the linker, so that the two
// never mix unnoticed; in the source they are slipway::Client either way.
#if SLIPWAY_HPP_EXCEPTIONS
#define SLIPWAY_HPP_MODE with_exceptions
#else
#define SLIPWAY_HPP_MODE without_exceptions
#endif

#endif // SLIPWAY_MODE_HPP
