internal import SlipwayHTTP
internal import SlipwayJSON

extension Client {
    private static let defaultParallel: UInt32 = 16

    /// Publishes many assets: so many at a time, each with a result of its own.
    package func createMany(_ creations: ManyCreations, _ operation: Operation) async throws -> Ending {
        let context = Context(operation: operation, delivery: delivery)
        // Who is not let in at all learns that once, not for each of them.
        _ = try enterMedia.servicesURL()
        _ = try await enterMedia.key(context)
        let batch = DistributionBatch(creations, operation, on: loop)
        let wanted = creations.maxParallel == 0 ? Self.defaultParallel : creations.maxParallel
        let lanes = min(Int(wanted), enterMedia.http.configuration.maxConnections, creations.assetIDs.count)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<lanes { group.addTask { await self.runLane(of: batch) } }
        }
        do {
            // Broken off before the last one had its turn.
            if batch.hasNext { throw batch.refusal ?? CancellationError() }
            try await batch.waitUntilDelivered()
            batch.report(through: delivery, isLast: true)
            return .answer(batch.tally.answer)
        } catch {
            // Results may still be on their way to the host: the answer is made behind the last of them.
            let end = Failure(error, of: operation)
            return .later {
                var end = end
                end.answer = batch.tally.answer
                throw end
            }
        }
    }

    private func runLane(of batch: DistributionBatch) async {
        while !Task.isCancelled, let index = try? await batch.takeNext() {
            let creation = batch.creations.creation(index)
            let part = batch.part(index, creation)
            do {
                finishPart(part, .success(try await enterMedia.create(creation, part: part, index, delivery)))
            } catch {
                finishPart(part, .failure(error))
                if let failure = error as? Failure, failure.status == .unauthorized, enterMedia.session.key == nil { batch.stop(failure) }
            }
            batch.operation.attempts += part.attempts
            batch.report(through: delivery)
        }
    }
}

extension EnterMedia {
    /// One of many. Where nothing has to be looked at, the delivering thread decodes the answer: the loop has the next ones to send.
    func create(_ creation: Creation, part: Operation, _ index: Int, _ delivery: Delivery) async throws -> Ending {
        let context = Context(operation: part, delivery: delivery)
        let assetID = try Identifier.check(creation.assetID, "asset_ids[\(index)]")
        let id = try Identifier.check(creation.distributionID ?? creation.spareID, "distribution_ids[\(index)]")
        guard creation.skipsVerification else { return .answer(try await create(creation, part, delivery)) }
        let answer = try await sendCreation(id, assetID, creation.allowsOriginal, context)
        return .later {
            let (distribution, raw) = try Self.distribution(in: answer, id, creation.allowsOriginal)
            guard distribution.firstLink != nil else { throw Self.hasNoLink(distribution) }
            return distribution.normalForm(raw: raw)
        }
    }
}
