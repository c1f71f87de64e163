/* What Swift's runtime, which is inside the library, would do to a host when it is loaded: take its signals for a backtracer, if it finds one, and print
   what it makes of the environment's SWIFT_... variables, which are meant for somebody else. Official images of Swift set SWIFT_BACKTRACE. The linker
   (see Package.swift) gives these in the place of the runtime's own; Tests/ABI tells when a new runtime has other names for them. */

/* Installs handlers for seven signals. 0: done. */
int __wrap__swift_installCrashHandler(void);
int __wrap__swift_installCrashHandler(void) { return 0; }

/* swift::runtime::environment::initialize(void *): reads the variables, and prints what it objects to. Without it each has its default. */
void __wrap__ZN5swift7runtime11environment10initializeEPv(void *nothing);
void __wrap__ZN5swift7runtime11environment10initializeEPv(void *nothing) { (void)nothing; }
