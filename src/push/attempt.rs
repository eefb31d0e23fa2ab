//! A push over one connection: look, plan, take the target, upload, publish, delete, remember.
//!
//! Must not connect, nor decide whether there is another try.

use super::{
    Error, Event, Observer, Options,
    glance::{self, Glance},
    journal::{self, Journal},
    manifest::{Distrust, Record},
    owner::Owner,
    path::RelativePath,
    pipeline::Pipeline,
    plan::{self, Plan},
    publish::Publisher,
    remember, resume,
    source::{ContentHash, Source},
    staging::{self, Patience, Staging},
    stale,
    survey::{self, Survey},
    target::{Operation, Target},
    upload::{StagedFile, Uploads},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

/// How long clearing up after a failure may take.
pub(super) const CLEANUP_LIMIT: Duration = Duration::from_secs(10);

/// What a push knows and did, whatever becomes of its connections.
#[derive(Default)]
pub(super) struct Progress {
    /// Names of the runs of earlier connections.
    pub(super) former: Vec<String>,
    /// What this push itself knows of files on the target, as a manifest would.
    pub(super) records: BTreeMap<RelativePath, Record>,
    /// Files that were staged whole over the last connection and not published.
    pub(super) staged: Vec<StagedFile>,
    /// What there was to do when the first upload began.
    pub(super) plan: Option<Plan>,
    /// How many files got their final names.
    pub(super) published: usize,
    /// Stale files that were deleted.
    pub(super) deleted: Vec<RelativePath>,
}

impl Progress {
    /// A number that grows whenever a connection came to something.
    pub(super) fn steps(&self) -> usize {
        self.records.len() + self.staged.len() + self.deleted.len()
    }

    /// What a push that failed says it did.
    pub(super) fn end(self, source: Error) -> Error {
        let Some(plan) = self.plan else { return source };
        let (published, deleted) = (self.published, self.deleted.len());
        let planned = plan.uploads().count();
        Error::Unfinished { source: Box::new(source), published, planned, deleted }
    }
}

/// A push over one connection.
pub(super) struct Attempt<'a> {
    pub(super) source: &'a Source,
    pub(super) options: &'a Options,
    pub(super) observer: Observer<'a>,
}

impl Attempt<'_> {
    /// Does all that is to be done.
    pub(super) fn run(
        &self,
        target: &mut dyn Target,
        progress: &mut Progress,
    ) -> Result<(Plan, Option<Distrust>), Error> {
        let mut pipeline = Pipeline::new(target, self.options.limit_bytes_per_s);
        let (survey, plan) = match self.glance(&mut pipeline, progress)? {
            Some(found) => found,
            None => self.plan(&mut pipeline, progress)?,
        };
        if survey.missing && !self.options.make_folder {
            return Err(Error::MissingFolder { location: pipeline.location() });
        }
        if progress.former.is_empty() {
            (self.observer)(Event::Planned { plan: &plan });
        }
        let distrust = survey.distrust.clone();
        if self.options.dry_run {
            return Ok((plan, distrust));
        }
        self.check_deletions(&pipeline, &survey, &plan)?;
        if self.is_done(&survey, &plan) {
            return Ok((plan, distrust));
        }
        if progress.former.is_empty() {
            // A server that ended a session once is left with one.
            pipeline.prepare(plan.uploads().count(), plan.upload_bytes());
        }
        if survey.missing {
            let make = Operation::MakeFolder(RelativePath::root());
            if let Err(refusal) = pipeline.call(make)? {
                let root = RelativePath::root();
                return Err(staging::explain(&mut pipeline, "make", &root, refusal)?);
            }
        }
        let plan = self.run_locked(&mut pipeline, survey, plan, progress)?;
        Ok((plan, distrust))
    }

    /// Asks a shell on the server whether all is there and nothing else.
    fn glance(
        &self,
        pipeline: &mut Pipeline<'_>,
        progress: &Progress,
    ) -> Result<Option<(Survey, Plan)>, Error> {
        if !self.options.shell {
            return Ok(None);
        }
        let files = &self.source.files;
        match glance::glance(pipeline, files, self.options.verify_remote)? {
            Glance::Same(survey) => {
                // What is odd is told after a look at everything.
                Ok(self.compare(pipeline, &survey).ok().map(|plan| (*survey, plan)))
            }
            Glance::NeverPushed if !self.options.dry_run && progress.former.is_empty() => {
                // Most likely all of it is to go up, and more connections take a while.
                let bytes = files.values().map(|file| file.stamp.size_bytes).sum();
                pipeline.prepare(files.len(), bytes);
                Ok(None)
            }
            Glance::NeverPushed | Glance::Unknown => Ok(None),
        }
    }

    /// Lists what stands there, with what is known of it.
    fn look(&self, pipeline: &mut Pipeline<'_>) -> Result<Survey, Error> {
        let mut survey = survey::survey(pipeline, &self.source.files)?;
        stale::list_folders(pipeline, &mut survey)?;
        Ok(survey)
    }

    fn plan(
        &self,
        pipeline: &mut Pipeline<'_>,
        progress: &mut Progress,
    ) -> Result<(Survey, Plan), Error> {
        let files = &self.source.files;
        let mut survey = self.look(pipeline)?;
        journal::read(pipeline, &mut survey)?;
        if self.options.verify_remote {
            let manifest = Arc::make_mut(&mut survey.remote.manifest);
            manifest.files.retain(|path, _| !files.contains_key(path));
        }
        for (path, record) in &progress.records {
            if survey.remote.found.get(path).is_some_and(|found| record.fits(found)) {
                let manifest = Arc::make_mut(&mut survey.remote.manifest);
                manifest.files.insert(path.clone(), *record);
            }
        }
        let doubtful = plan::doubtful(files, &survey.remote);
        self.read_back(pipeline, &mut survey, doubtful, progress)?;
        let plan = self.compare(pipeline, &survey)?;
        if self.options.delete.is_none() || plan.stale.is_empty() {
            return Ok((survey, plan));
        }
        // Only what still has the content that a push gave it may be deleted.
        self.read_back(pipeline, &mut survey, plan.stale, progress)?;
        let mut plan = self.compare(pipeline, &survey)?;
        let is_proven = |path: &RelativePath| survey.remote.read_back.contains_key(path);
        let (proven, unread) = plan.stale.into_iter().partition(is_proven);
        plan.stale = proven;
        plan.foreign.extend::<Vec<_>>(unread);
        Ok((survey, plan))
    }

    fn compare(&self, pipeline: &Pipeline<'_>, survey: &Survey) -> Result<Plan, Error> {
        let skipped = self.source.skipped_names();
        let is_skipped = |path: &RelativePath| {
            let mut above = std::iter::successors(Some(path.clone()), RelativePath::parent);
            !skipped.is_empty() && above.any(|path| skipped.contains(&path))
        };
        Plan::new(&self.source.files, &survey.remote, &is_skipped)
            .map_err(|source| Error::Conflict { location: pipeline.location(), source })
    }

    fn read_back(
        &self,
        pipeline: &mut Pipeline<'_>,
        survey: &mut Survey,
        mut paths: Vec<RelativePath>,
        progress: &mut Progress,
    ) -> Result<(), Error> {
        let mut hashes = BTreeMap::new();
        if self.options.shell {
            hashes = glance::hashes(pipeline, &paths, survey)?;
            paths.retain(|path| !hashes.contains_key(path));
        }
        let found = &survey.remote.found;
        let size = |path: &RelativePath| found.get(path).and_then(|found| found.size_bytes);
        if progress.former.is_empty() {
            pipeline.prepare(paths.len(), paths.iter().filter_map(size).sum());
        }
        hashes.extend(survey::read_back(pipeline, paths, found, self.observer)?);
        for (path, hash) in &hashes {
            if let Some(record) = self.read_record(survey, path, *hash) {
                progress.records.insert(path.clone(), record);
            }
        }
        survey.remote.read_back.extend(hashes);
        Ok(())
    }

    /// What another connection need not read back again.
    fn read_record(
        &self,
        survey: &Survey,
        path: &RelativePath,
        hash: ContentHash,
    ) -> Option<Record> {
        let found = survey.remote.found.get(path)?;
        let (size_bytes, modified_s) = (found.size_bytes?, found.modified_s?);
        let known = [&survey.remote.manifest, &survey.written];
        let mut records = known.iter().filter_map(|manifest| manifest.files.get(path));
        let put = records.any(|record| record.put && record.hash == hash);
        self.source.files.contains_key(path).then_some(Record { size_bytes, modified_s, hash, put })
    }

    fn check_deletions(
        &self,
        pipeline: &Pipeline<'_>,
        survey: &Survey,
        plan: &Plan,
    ) -> Result<(), Error> {
        let Some(limit) = self.options.delete else { return Ok(()) };
        let (stale, put) = (plan.stale.len(), plan::count_put(&survey.remote));
        let limit = limit.of(put);
        if stale > limit {
            let location = pipeline.location();
            return Err(Error::TooManyDeletions { location, stale, put, limit });
        }
        Ok(())
    }

    /// Whether there is nothing to upload, to delete, to remember or to clear away.
    fn is_done(&self, survey: &Survey, plan: &Plan) -> bool {
        plan.is_done(self.options.delete.is_some())
            && survey.staging.is_empty()
            && remember::is_remembered(self.source, survey)
    }

    fn run_locked(
        &self,
        pipeline: &mut Pipeline<'_>,
        survey: Survey,
        plan: Plan,
        progress: &mut Progress,
    ) -> Result<Plan, Error> {
        let tidy = plan.is_done(self.options.delete.is_some());
        let owner = Owner::new();
        let run = owner.run.clone();
        let wait = if tidy { Duration::ZERO } else { self.options.wait };
        let patience = Patience { wait, former: &progress.former };
        let acquired = staging::acquire(pipeline, owner, &patience, self.observer);
        progress.former.push(run.clone());
        let outcome = match acquired {
            // With nothing to do, what another push is doing is no reason to fail.
            Err(Error::Busy { .. }) if tidy => Ok(plan),
            Ok(staging) => self.run_and_release(pipeline, staging, (survey, plan), progress),
            Err(error) => Err(error),
        };
        Owner::end(&run);
        outcome
    }

    fn run_and_release(
        &self,
        pipeline: &mut Pipeline<'_>,
        mut staging: Staging,
        (survey, plan): (Survey, Plan),
        progress: &mut Progress,
    ) -> Result<Plan, Error> {
        let outcome = self.run_holding(pipeline, &mut staging, (survey, plan), progress);
        match &outcome {
            Err(error) if !error.target_answers() => return outcome,
            Err(_) => {
                pipeline.begin_cleanup(CLEANUP_LIMIT);
                // What went wrong first is what is told.
                let _cleared = pipeline.drain().map(|()| staging.release(pipeline));
            }
            Ok(plan) => staging.release(pipeline).inspect_err(|_| {
                progress.plan.get_or_insert_with(|| plan.clone());
            })?,
        }
        outcome
    }

    fn run_holding(
        &self,
        pipeline: &mut Pipeline<'_>,
        staging: &mut Staging,
        (survey, plan): (Survey, Plan),
        progress: &mut Progress,
    ) -> Result<Plan, Error> {
        let staged = std::mem::take(&mut progress.staged);
        let staged = resume::take_over(pipeline, staging, staged)?;
        if !survey.staging.is_empty() || !staging.was_alone() {
            staging.clear_litter(pipeline, &progress.former)?;
        }
        let (survey, plan) = self.look_again(pipeline, staging, (survey, plan), progress)?;
        let journal = Journal::new(self.source, &plan, &survey);
        let mut publisher = Publisher::new(&survey, &plan, journal, self.options, self.observer);
        let outcome = self.work(pipeline, staging, &plan, staged, &mut publisher);
        let outcome = outcome.and_then(|()| {
            self.conclude(pipeline, staging, (&survey, &plan), &mut publisher, progress)
        });
        if outcome.as_ref().is_err_and(Error::target_answers) {
            pipeline.begin_cleanup(CLEANUP_LIMIT);
            // What went wrong first is what is told.
            let _remembered = publisher.rescue(pipeline, staging);
        }
        progress.published += publisher.published();
        if let Err(error) = outcome {
            publisher.hand_over(progress);
            progress.plan.get_or_insert(plan);
            return Err(error);
        }
        drop(publisher);
        Ok(plan)
    }

    /// Another push may have been at work since the first look.
    fn look_again(
        &self,
        pipeline: &mut Pipeline<'_>,
        staging: &mut Staging,
        (survey, plan): (Survey, Plan),
        progress: &mut Progress,
    ) -> Result<(Survey, Plan), Error> {
        let opened = staging.take_manifest();
        let same = survey::is_current(pipeline, &survey, opened)?;
        if staging.was_alone() && same {
            return Ok((survey, plan));
        }
        let now = self.look(pipeline)?;
        let same_manifest =
            (&now.written, now.manifest_entry) == (&survey.written, survey.manifest_entry);
        if same_manifest && now.remote.found == survey.remote.found {
            // What a journal told is still true, even though it was cleared away meanwhile.
            return Ok((survey, plan));
        }
        let (survey, plan) = self.plan(pipeline, progress)?;
        self.check_deletions(pipeline, &survey, &plan)?;
        Ok((survey, plan))
    }

    /// Uploads and publishes.
    fn work(
        &self,
        pipeline: &mut Pipeline<'_>,
        staging: &mut Staging,
        plan: &Plan,
        staged: Vec<StagedFile>,
        publisher: &mut Publisher<'_>,
    ) -> Result<(), Error> {
        for folder in &plan.folders {
            let make = Operation::MakeFolder(folder.clone());
            if let Err(refusal) = pipeline.call(make)? {
                return Err(staging::explain(pipeline, "make", folder, refusal)?);
            }
        }
        let wanted: BTreeSet<_> = plan.uploads().map(|planned| &planned.path).collect();
        let staged: Vec<_> =
            staged.into_iter().filter(|file| wanted.contains(&file.path)).collect();
        let ready: BTreeSet<_> = staged.iter().map(|file| file.path.clone()).collect();
        let missing = || plan.uploads().filter(|planned| !ready.contains(&planned.path));
        let bytes = missing().map(|planned| planned.size_bytes).sum();
        (self.observer)(Event::Uploading { files: missing().count(), bytes });
        publisher.begin(pipeline, staging);
        for file in staged {
            publisher.take(pipeline, file);
        }
        Uploads::new(staging, self.source, missing(), self.options.sync, self.observer)
            .run(pipeline, publisher)?;
        publisher.finish(pipeline, staging)
    }

    /// Looks whether all is there, deletes what is stale, and writes the manifest.
    fn conclude(
        &self,
        pipeline: &mut Pipeline<'_>,
        staging: &mut Staging,
        (before, plan): (&Survey, &Plan),
        publisher: &mut Publisher<'_>,
        progress: &mut Progress,
    ) -> Result<(), Error> {
        publisher.confirm(pipeline)?;
        if self.options.delete.is_some() && !plan.stale.is_empty() {
            let after = self.look(pipeline)?;
            let (stale, deleted) = (&plan.stale, &mut progress.deleted);
            stale::delete(pipeline, stale, before, &after, deleted, self.observer)?;
        }
        publisher.remember(pipeline, staging, self.source, &progress.deleted)
    }
}
