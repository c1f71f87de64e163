public import CSlipway
internal import CSystem
internal import Slipway
internal import SlipwayHTTP

@_cdecl("slipway_set_log") @implementation
public func slipway_set_log(_ level: Int32, _ log: slipway_log_fn?, _ user_data: UnsafeMutableRawPointer?) -> slipway_status {
    guard csystem_watch_forks() else { return Status.forked.rawValue }
    guard let level = Log.Level(rawValue: level) else { return Status.invalidArgument.rawValue }
    guard HostCallback.current == nil else { return Status.wouldDeadlock.rawValue }
    guard let log, level != .off else { return Log.setHook(nil, level: .off) ? Status.ok.rawValue : Status.internal.rawValue }
    let host = HostPointer(pointer: user_data)
    let isSet = Log.setHook(
        { level, line in
            HostCallback.call(of: HostCallback.log) { line.withCString { log(level.rawValue, $0, host.pointer) } }
        }, level: level)
    return isSet ? Status.ok.rawValue : Status.internal.rawValue
}
